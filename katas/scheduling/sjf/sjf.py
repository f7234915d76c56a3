"""Shortest job first, broken: repair it. The contract is in README.md."""

from typing import NamedTuple


class Job(NamedTuple):
    """What wants the CPU. Given, and right."""

    name: str
    arrival: int
    burst: int


class Figures(NamedTuple):
    """What became of a job. Given, and right."""

    name: str
    start: int
    finish: int
    waiting: int
    turnaround: int


def shortest_job(jobs: list[Job]) -> list[Figures]:
    """Let the shortest job run first, each to its end."""
    figures = {}
    clock = 0
    for job in sorted(jobs, key=lambda job: (job.burst, job.name)):
        start = max(clock, job.arrival)
        clock = start + job.burst
        figures[job.name] = Figures(job.name, start, clock, start - job.arrival, clock - job.arrival)
    return [figures[job.name] for job in jobs]


def shortest_remaining(jobs: list[Job]) -> list[Figures]:
    """Let the job run that has least left, at every moment."""
    left = {job.name: job.burst for job in jobs}
    start: dict[str, int] = {}
    finish: dict[str, int] = {}
    clock = 0
    while len(finish) < len(jobs):
        there = [job for job in jobs if job.arrival <= clock and job.name not in finish]
        if there:
            job = min(there, key=lambda job: (job.burst, job.name))
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
            start[job.name] - job.arrival,
            finish[job.name] - job.arrival,
        )
        for job in jobs
    ]
