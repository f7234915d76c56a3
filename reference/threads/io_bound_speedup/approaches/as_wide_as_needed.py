"""A pool with as many workers as there are jobs, left by the end of its block."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic_ns


def run_serial(jobs):
    [job() for job in jobs]


def run_threaded(jobs):
    with ThreadPoolExecutor(max(1, len(jobs))) as pool:
        for job in jobs:
            pool.submit(job)


def compare(jobs):
    times = [monotonic_ns()]
    for run in run_serial, run_threaded:
        run(jobs)
        times.append(monotonic_ns())
    first, second, third = times
    return (second - first) / 1e9, (third - second) / 1e9
