"""The workshop of processes: waiting until all is done. The contract is in README.md."""

from collections.abc import Callable

Job = object


def break_tells_first() -> list[str]:
    """Return a schedule under which the master of the first workshop finds nothing finished."""
    raise NotImplementedError


def break_rings_at_the_mark() -> list[str]:
    """Return a schedule under which the master of the second workshop finds nothing finished."""
    raise NotImplementedError


class Workshop:
    """Processes that do jobs."""

    def __init__(self, workers: int, work: Callable[[Job], object]) -> None:
        """Start so many processes, in which `work(job)` is called for each job."""
        raise NotImplementedError

    def add(self, job: Job) -> None:
        """Give out a job, and wait for nobody."""
        raise NotImplementedError

    def wait(self) -> None:
        """Return when all jobs that have been added are done."""
        raise NotImplementedError
