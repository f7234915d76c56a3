"""Lets a clock tick, and moves people from the street into the queue and to the window."""

from collections import deque
from statistics import fmean
from typing import NamedTuple

Job = NamedTuple("Job", [("name", str), ("arrival", int), ("burst", int)])
Figures = NamedTuple(
    "Figures",
    [("name", str), ("start", int), ("finish", int), ("waiting", int), ("turnaround", int)],
)


def fcfs(jobs):
    waiting_room, done = deque(), {}
    clock, free_at = 0, 0
    while len(done) < len(jobs):
        waiting_room.extend(job for job in jobs if job.arrival == clock)
        if waiting_room and clock >= free_at:
            job = waiting_room.popleft()
            free_at = clock + job.burst
            turnaround = free_at - job.arrival
            done[job.name] = Figures(job.name, clock, free_at, turnaround - job.burst, turnaround)
        clock += 1
    return [done[job.name] for job in jobs]


def averages(jobs):
    figures = fcfs(jobs)
    return tuple(
        fmean(getattr(each, field) for each in figures) if figures else 0.0 for field in ("waiting", "turnaround")
    )
