"""Each job is a generator that yields the length of its next slice; events lie in a sorted list."""

import heapq
from typing import NamedTuple


class Job(NamedTuple):
    name: str
    arrival: int
    burst: int


class Figures(NamedTuple):
    name: str
    start: int
    finish: int
    waiting: int
    turnaround: int


class Slice(NamedTuple):
    name: str
    start: int
    end: int


def turns(burst, quantum):
    """Yield the length of each turn, and whether there is another one."""
    while burst > quantum:
        yield quantum, True
        burst -= quantum
    yield burst, False


def timeline(jobs, quantum, switch=0):
    # Sorted by the moment of joining; of the same moment: newcomers (0) before the interrupted (1).
    line = [(job.arrival, 0, place, place) for place, job in enumerate(jobs)]
    heapq.heapify(line)
    plans = [turns(job.burst, quantum) for job in jobs]
    result, clock, before, number = [], 0, None, 0
    while line:
        joined, _, _, place = heapq.heappop(line)
        clock = max(clock, joined)
        clock += switch if before is not None and before != place else 0
        before = place
        length, again = next(plans[place])
        result.append(Slice(jobs[place].name, clock, clock + length))
        clock += length
        if again:
            number += 1
            heapq.heappush(line, (clock, 1, number, place))
    return result


def figures(jobs, quantum, switch=0):
    first, last = {}, {}
    for name, start, end in timeline(jobs, quantum, switch):
        first.setdefault(name, start)
        last[name] = end
    return [
        Figures(
            name,
            first[name],
            last[name],
            last[name] - arrival - burst,
            last[name] - arrival,
        )
        for name, arrival, burst in jobs
    ]
