"""Lets the shortest of those go first who come at the same moment."""

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
    figures: dict[int, Figures] = {}
    clock = 0
    for number, job in sorted(enumerate(jobs), key=lambda each: (each[1].arrival, each[1].burst)):
        start = max(clock, job.arrival)
        clock = start + job.burst
        figures[number] = Figures(job.name, start, clock, start - job.arrival, clock - job.arrival)
    return [figures[number] for number in range(len(jobs))]


def averages(jobs: list[Job]) -> tuple[float, float]:
    """Return mean waiting and mean turnaround."""
    if not jobs:
        return 0.0, 0.0
    figures = fcfs(jobs)
    waiting = sum(each.waiting for each in figures) / len(jobs)
    return waiting, sum(each.turnaround for each in figures) / len(jobs)
