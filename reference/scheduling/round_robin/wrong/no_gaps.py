"""Lets in whoever comes next while nobody is there, at once."""

from collections import deque
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


class Slice(NamedTuple):
    """A stretch of time in which a job computes. Given."""

    name: str
    start: int
    end: int


def timeline(jobs: list[Job], quantum: int, switch: int = 0) -> list[Slice]:
    """Return who computes when, in the order of time."""
    coming = deque(sorted(jobs, key=lambda job: job.arrival))
    left = {job.name: job.burst for job in jobs}
    queue: deque[str] = deque()
    slices: list[Slice] = []
    last = None
    clock = 0
    while coming or queue:
        if not queue:
            queue.append(coming.popleft().name)
        _let_in(coming, queue, clock)
        name = queue.popleft()
        if last not in (None, name):
            clock += switch
        last = name
        start, clock = clock, clock + min(quantum, left[name])
        slices.append(Slice(name, start, clock))
        left[name] -= clock - start
        _let_in(coming, queue, clock)
        if left[name]:
            queue.append(name)
    return slices


def _let_in(coming: deque[Job], queue: deque[str], clock: int) -> None:
    while coming and coming[0].arrival <= clock:
        queue.append(coming.popleft().name)


def figures(jobs: list[Job], quantum: int, switch: int = 0) -> list[Figures]:
    """Return the figures of each job, in the order of `jobs`."""
    slices = timeline(jobs, quantum, switch)
    found = []
    for job in jobs:
        mine = [each for each in slices if each.name == job.name]
        start, finish = mine[0].start, mine[-1].end
        turnaround = finish - job.arrival
        found.append(Figures(job.name, start, finish, turnaround - job.burst, turnaround))
    return found
