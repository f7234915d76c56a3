"""I/O-bound speed-up: the same jobs in turn and in threads. The contract is in README.md."""

from collections.abc import Callable

Job = Callable[[], object]


def run_serial(jobs: list[Job]) -> None:
    """Call all jobs one after the other."""
    raise NotImplementedError


def run_threaded(jobs: list[Job]) -> None:
    """Call all jobs side by side, in threads; return when all have ended."""
    raise NotImplementedError


def compare(jobs: list[Job]) -> tuple[float, float]:
    """Return how many seconds the jobs take in turn, and how many in threads."""
    raise NotImplementedError
