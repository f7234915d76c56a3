"""Keeps the CPU while it waits."""

from typing import NamedTuple


class Report(NamedTuple):
    """How the CPUs were used. Given."""

    span: int
    busy: int
    utilisation: float
    concurrent: int
    parallel: int


def one_by_one(jobs: list[list[int]]) -> Report:
    """Report one CPU that takes each job to its very end before the next."""
    span = sum(map(sum, jobs))
    busy = sum(sum(job[::2]) for job in jobs)
    most = 1 if jobs else 0
    return Report(span, busy, busy / span if span else 0.0, most, most)


def together(jobs: list[list[int]], cpus: int = 1) -> Report:
    """Report CPUs that compute for one job while others wait."""
    left = [list(job) for job in jobs]
    queue = list(range(len(jobs)))
    computing: list[int] = []
    waiting: list[int] = []
    begun: set[int] = set()
    span = busy = concurrent = parallel = 0
    while queue or computing or waiting:
        while queue and len(computing) + len(waiting) < cpus:
            computing.append(queue.pop(0))
            begun.add(computing[-1])
        span += 1
        busy += len(computing)
        concurrent = max(concurrent, len(begun))
        parallel = max(parallel, len(computing))
        off = _step(left, computing)
        back = _step(left, waiting)
        waiting += [job for job in off if left[job]]
        queue += sorted(job for job in back if left[job])
        begun -= {job for job in off + back if not left[job]}
    return Report(span, busy, busy / (cpus * span) if span else 0.0, concurrent, parallel)


def _step(left: list[list[int]], place: list[int]) -> list[int]:
    """Let a unit pass for all in this place; take out and return those whose stretch has ended."""
    ended = []
    for job in list(place):
        left[job][0] -= 1
        if not left[job][0]:
            left[job].pop(0)
            place.remove(job)
            ended.append(job)
    return ended
