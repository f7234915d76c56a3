"""Multiprogramming: hands the CPU out after each event, while others that end at that moment are still under way."""

from collections import deque
from heapq import heappop, heappush
from typing import NamedTuple


class Report(NamedTuple):
    """How the CPUs were used. Given."""

    span: int
    busy: int
    utilisation: float
    concurrent: int
    parallel: int


def one_by_one(jobs):
    span = sum(map(sum, jobs))
    busy = sum(sum(job[::2]) for job in jobs)
    some = 1 if jobs else 0
    return Report(span, busy, busy / span if span else 0.0, some, some)


def together(jobs, cpus=1):
    queue = deque(range(len(jobs)))
    place, events = [0] * len(jobs), []
    clock = 0
    free, under, most, widest = cpus, set(), 0, 0

    def hand_out():
        nonlocal free, most, widest
        while free and queue:
            n = queue.popleft()
            free -= 1
            under.add(n)
            heappush(events, (clock + jobs[n][place[n]], n))
        most, widest = max(most, len(under)), max(widest, cpus - free)

    hand_out()
    while events:
        clock = events[0][0]
        while events and events[0][0] == clock:
            _, n = heappop(events)
            computed = place[n] % 2 == 0
            free += computed
            place[n] += 1
            if place[n] == len(jobs[n]):
                under.discard(n)
            elif computed:
                heappush(events, (clock + jobs[n][place[n]], n))
            else:
                queue.append(n)
            hand_out()
    busy = sum(sum(job[::2]) for job in jobs)
    return Report(clock, busy, busy / (cpus * clock) if clock else 0.0, most, widest)
