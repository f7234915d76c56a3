"""One clock for both schedules; they differ in the key by which the waiting are sorted."""

from itertools import count
from typing import NamedTuple


class Job(NamedTuple):
    name: str
    arrival: int
    burst: int
    deadline: int


def tick(jobs, turn, key):
    """Let each unit of time belong to the first by `key(job, joined)`; a turn ends after `turn` units."""
    joined = {}
    number = count()
    left = {job.name: job.burst for job in jobs}
    result, clock, used = {}, 0, 0
    current = None
    while len(result) < len(jobs):
        for job in jobs:
            if job.arrival == clock:
                joined[job] = next(number)
        if current is not None and used == turn:
            joined[current] = next(number)
            current = None
        if joined:
            if current is None or turn == 1:
                current, used = min(joined, key=lambda job: key(job, joined[job])), 0
            left[current.name] -= 1
            used += 1
            if left[current.name] == 0:
                result[current.name] = clock + 1
                del joined[current]
                current = None
        clock += 1
    return result


def earliest_deadline(jobs):
    places = {job.name: place for place, job in enumerate(jobs)}
    return tick(jobs, 1, lambda job, _: (job.deadline, job.arrival, places[job.name]))


def time_slices(jobs, quantum):
    return tick(jobs, quantum, lambda _, place: place)


def met(jobs, finish):
    return {name for name, _, _, deadline in jobs if not finish[name] > deadline}
