"""Lets the CPU idle until the shortest job comes."""

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
    return _schedule(jobs, interrupt=False)


def shortest_remaining(jobs: list[Job]) -> list[Figures]:
    """Let the job run that has least left, at every moment."""
    return _schedule(jobs, interrupt=True)


def _schedule(jobs: list[Job], *, interrupt: bool) -> list[Figures]:
    left = {job.name: job.burst for job in jobs}
    start: dict[str, int] = {}
    finish: dict[str, int] = {}
    clock = 0
    while len(finish) < len(jobs):
        open_ = [job for job in jobs if left[job.name]]
        coming = [job.arrival for job in open_ if job.arrival > clock]
        there = [job for job in open_ if job.arrival <= clock]
        if not there:
            clock = min(coming)
            continue
        job = min(open_, key=lambda job: (left[job.name], job.arrival))
        if job not in there:
            clock = job.arrival
        start.setdefault(job.name, clock)
        until = clock + left[job.name]
        if interrupt:
            until = min([until, *coming])
        left[job.name] -= until - clock
        clock = until
        if not left[job.name]:
            finish[job.name] = clock
    return [_figures(job, start[job.name], finish[job.name]) for job in jobs]


def _figures(job: Job, start: int, finish: int) -> Figures:
    turnaround = finish - job.arrival
    return Figures(job.name, start, finish, turnaround - job.burst, turnaround)
