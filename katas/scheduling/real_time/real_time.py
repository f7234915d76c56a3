"""Real time: what must be ready by when. The contract is in README.md."""

from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU, and by when it must be through with it. Given."""

    name: str
    arrival: int
    burst: int
    deadline: int


def earliest_deadline(jobs: list[Job]) -> dict[str, int]:
    """Return when each job finishes, if the CPU belongs to the most urgent at every moment."""
    raise NotImplementedError


def time_slices(jobs: list[Job], quantum: int) -> dict[str, int]:
    """Return when each job finishes, if all get turns of the same length."""
    raise NotImplementedError


def met(jobs: list[Job], finish: dict[str, int]) -> set[str]:
    """Return the names of the jobs that meet their deadline."""
    raise NotImplementedError
