"""A heap of those who are there, fed from a list of arrivals; the place in the list breaks ties."""

import heapq
from typing import NamedTuple

Job = NamedTuple("Job", [("name", str), ("arrival", int), ("burst", int)])
Figures = NamedTuple(
    "Figures",
    [("name", str), ("start", int), ("finish", int), ("waiting", int), ("turnaround", int)],
)


def walk(jobs, slice_end):
    coming = sorted((job.arrival, place) for place, job in enumerate(jobs))
    there, first, last, clock = [], {}, {}, 0
    while coming or there:
        if not there:
            clock = max(clock, coming[0][0])
        while coming and coming[0][0] <= clock:
            arrival, place = coming.pop(0)
            heapq.heappush(there, (jobs[place].burst, arrival, place))
        left, arrival, place = heapq.heappop(there)
        first.setdefault(place, clock)
        used = slice_end(left, clock, coming)
        clock += used
        if used < left:
            heapq.heappush(there, (left - used, arrival, place))
        else:
            last[place] = clock
    return [
        Figures(
            job.name,
            first[place],
            last[place],
            last[place] - job.arrival - job.burst,
            last[place] - job.arrival,
        )
        for place, job in enumerate(jobs)
    ]


def shortest_job(jobs):
    return walk(jobs, lambda left, clock, coming: left)


def shortest_remaining(jobs):
    def until_somebody_comes(left, clock, coming):
        return min(left, coming[0][0] - clock) if coming else left

    return walk(jobs, until_somebody_comes)
