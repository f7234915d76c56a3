"""Takes the shortest for the most urgent."""

from collections import deque
from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU, and by when it must be through with it. Given."""

    name: str
    arrival: int
    burst: int
    deadline: int


def earliest_deadline(jobs: list[Job]) -> dict[str, int]:
    """Return when each job finishes, if the CPU belongs to the most urgent at every moment."""
    left = {job.name: job.burst for job in jobs}
    finish: dict[str, int] = {}
    clock = 0
    while len(finish) < len(jobs):
        there = [job for job in jobs if job.arrival <= clock and left[job.name]]
        coming = [job.arrival for job in jobs if job.arrival > clock]
        if not there:
            clock = min(coming)
            continue
        job = min(there, key=lambda job: (left[job.name], job.arrival))
        until = min([clock + left[job.name], *coming])
        left[job.name] -= until - clock
        clock = until
        if not left[job.name]:
            finish[job.name] = clock
    return finish


def time_slices(jobs: list[Job], quantum: int) -> dict[str, int]:
    """Return when each job finishes, if all get turns of the same length."""
    coming = deque(sorted(jobs, key=lambda job: job.arrival))
    left = {job.name: job.burst for job in jobs}
    queue: deque[str] = deque()
    finish: dict[str, int] = {}
    clock = 0
    while coming or queue:
        if not queue:
            clock = max(clock, coming[0].arrival)
        _let_in(coming, queue, clock)
        name = queue.popleft()
        used = min(quantum, left[name])
        left[name] -= used
        clock += used
        _let_in(coming, queue, clock)
        if left[name]:
            queue.append(name)
        else:
            finish[name] = clock
    return finish


def _let_in(coming: deque[Job], queue: deque[str], clock: int) -> None:
    while coming and coming[0].arrival <= clock:
        queue.append(coming.popleft().name)


def met(jobs: list[Job], finish: dict[str, int]) -> set[str]:
    """Return the names of the jobs that meet their deadline."""
    return {job.name for job in jobs if finish[job.name] <= job.deadline}
