"""First come, first served: the plainest of all schedules. The contract is in README.md."""

from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU. Given."""

    name: str
    arrival: int
    burst: int


class Figures(NamedTuple):
    """What became of a job. Given."""

    name: str
    start: int
    finish: int
    waiting: int
    turnaround: int


def fcfs(jobs: list[Job]) -> list[Figures]:
    """Return the figures of each job, in the order of `jobs`."""
    raise NotImplementedError


def averages(jobs: list[Job]) -> tuple[float, float]:
    """Return mean waiting and mean turnaround."""
    raise NotImplementedError
