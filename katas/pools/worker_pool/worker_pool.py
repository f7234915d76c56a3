"""The taxi rank: workers, callbacks, and two ways to end. The contract is in README.md."""

from collections.abc import Callable, Iterable
from typing import Any


class WorkerPool:
    """Workers that are started when they are needed, and used again."""

    def __init__(self, most: int) -> None:
        """Begin without a worker; there are never more than so many."""
        raise NotImplementedError

    def run(
        self, job: Callable[..., Any], args: Iterable[Any] = (), callback: Callable[[bool, Any], object] | None = None
    ) -> None:
        """Let a worker call the job, and tell the callback what came of it."""
        raise NotImplementedError

    def close(self) -> list[BaseException]:
        """Take no more; return when all is through, with the errors that nobody was told."""
        raise NotImplementedError

    def terminate(self) -> list[BaseException]:
        """Take no more, and begin no more; return as close does."""
        raise NotImplementedError
