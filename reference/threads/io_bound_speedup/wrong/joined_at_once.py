"""Starts each thread and joins it at once."""

import time
from collections.abc import Callable
from threading import Thread

Job = Callable[[], object]


def run_serial(jobs: list[Job]) -> None:
    """Call all jobs one after the other."""
    for job in jobs:
        job()


def run_threaded(jobs: list[Job]) -> None:
    """Call all jobs side by side, in threads; return when all have ended."""
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
        thread.join()


def compare(jobs: list[Job]) -> tuple[float, float]:
    """Return how many seconds the jobs take in turn, and how many in threads."""
    return measure(run_serial, jobs), measure(run_threaded, jobs)


def measure(run: Callable[[list[Job]], None], jobs: list[Job]) -> float:
    """Return how many seconds `run(jobs)` takes, by the clock on the wall."""
    began = time.perf_counter()
    run(jobs)
    return time.perf_counter() - began
