"""Lifts everybody up when the top level is empty."""

from collections import deque
from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU. Given."""

    name: str
    arrival: int
    burst: int


class Slice(NamedTuple):
    """A stretch of time in which a job computes, taken from a level. Given."""

    name: str
    level: int
    start: int
    end: int


def feedback(jobs: list[Job], quanta: list[int], boost: int | None = None) -> list[Slice]:
    """Return who computes when, and from which level, in the order of time."""
    coming = deque(sorted(jobs, key=lambda job: job.arrival))
    left = {job.name: job.burst for job in jobs}
    levels: list[deque[str]] = [deque() for _ in quanta]
    slices: list[Slice] = []
    clock = 0
    while coming or any(levels):
        if not any(levels):
            clock = max(clock, coming[0].arrival)
        _let_in(coming, levels[0], clock)
        level = next(number for number, queue in enumerate(levels) if queue)
        name = levels[level].popleft()
        start, clock = clock, clock + min(quanta[level], left[name])
        slices.append(Slice(name, level, start, clock))
        left[name] -= clock - start
        _let_in(coming, levels[0], clock)
        if left[name]:
            levels[min(level + 1, len(levels) - 1)].append(name)
        if boost and not levels[0] and clock // boost > start // boost:
            _lift(levels)
    return slices


def _let_in(coming: deque[Job], top: deque[str], clock: int) -> None:
    while coming and coming[0].arrival <= clock:
        top.append(coming.popleft().name)


def _lift(levels: list[deque[str]]) -> None:
    for queue in levels[1:]:
        levels[0].extend(queue)
        queue.clear()
