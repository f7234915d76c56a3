"""The broken program, repaired where it was broken and left alone elsewhere."""

from typing import NamedTuple

Job = NamedTuple("Job", [("name", str), ("arrival", int), ("burst", int)])
Figures = NamedTuple(
    "Figures",
    [("name", str), ("start", int), ("finish", int), ("waiting", int), ("turnaround", int)],
)


def shortest_job(jobs):
    figures = {}
    clock = 0
    while len(figures) < len(jobs):
        there = [job for job in jobs if job.arrival <= clock and job.name not in figures]
        if not there:
            clock += 1
            continue
        job = min(there, key=lambda job: (job.burst, job.arrival))
        start = clock
        clock = start + job.burst
        figures[job.name] = Figures(job.name, start, clock, start - job.arrival, clock - job.arrival)
    return [figures[job.name] for job in jobs]


def shortest_remaining(jobs):
    left = {job.name: job.burst for job in jobs}
    start = {}
    finish = {}
    clock = 0
    while len(finish) < len(jobs):
        there = [job for job in jobs if job.arrival <= clock and job.name not in finish]
        if there:
            job = min(there, key=lambda job: (left[job.name], job.arrival))
            start.setdefault(job.name, clock)
            left[job.name] -= 1
            if left[job.name] == 0:
                finish[job.name] = clock + 1
        clock += 1
    return [
        Figures(
            job.name,
            start[job.name],
            finish[job.name],
            finish[job.name] - job.arrival - job.burst,
            finish[job.name] - job.arrival,
        )
        for job in jobs
    ]
