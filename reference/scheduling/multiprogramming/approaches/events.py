"""A heap of moments at which something ends; the numbers are read from the stretches afterwards."""

import heapq
from collections import deque
from typing import NamedTuple


class Report(NamedTuple):
    span: int
    busy: int
    utilisation: float
    concurrent: int
    parallel: int


def most(stretches):
    """How many of the stretches (from, to) overlap at most."""
    steps = sorted([(start, 1) for start, _ in stretches] + [(end, -1) for _, end in stretches])
    level = highest = 0
    for _, change in steps:
        level += change
        highest = max(highest, level)
    return highest


def report(computed, life, cpus):
    span = max((end for _, end in life), default=0)
    busy = sum(end - start for start, end in computed)
    share = busy / (cpus * span) if span else 0.0
    return Report(span, busy, share, most(life), most(computed))


def one_by_one(jobs):
    clock, computed, life = 0, [], []
    for job in jobs:
        began = clock
        for number, length in enumerate(job):
            if number % 2 == 0:
                computed.append((clock, clock + length))
            clock += length
        life.append((began, clock))
    # Stretches of one job that touch are one after the other: none overlap.
    return report(computed, life, 1)


def together(jobs, cpus=1):
    queue = deque((job, 0) for job in range(len(jobs)))
    free, events = cpus, []
    computed, first, last = [], {}, {}
    clock = 0
    while queue or events:
        while queue and free:
            job, part = queue.popleft()
            free -= 1
            first.setdefault(job, clock)
            end = clock + jobs[job][part]
            computed.append((clock, end))
            heapq.heappush(events, (end, job, part))
        clock = events[0][0]
        while events and events[0][0] == clock:
            _, job, part = heapq.heappop(events)
            free += part % 2 == 0
            last[job] = clock
            if part + 1 == len(jobs[job]):
                continue
            if part % 2 == 0:
                heapq.heappush(events, (clock + jobs[job][part + 1], job, part + 1))
            else:
                queue.append((job, part + 1))
    return report(computed, [(first[job], last[job]) for job in first], cpus)
