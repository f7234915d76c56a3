"""The workshop: wait until everything is done. The contract is in README.md."""

from collections.abc import Callable

Job = object


class Workshop:
    """Threads that work on jobs."""

    failures: list[tuple[Job, Exception]]

    def __init__(self, workers: int, work: Callable[[Job], object]) -> None:
        """Start the threads."""
        raise NotImplementedError

    def add(self, job: Job) -> None:
        """Hand in a job."""
        raise NotImplementedError

    def wait(self) -> None:
        """Return when everything is done."""
        raise NotImplementedError

    def close(self) -> None:
        """Wait until everything is done, and end the threads."""
        raise NotImplementedError
