"""A subclass for the job, a context manager for the time."""

import threading
from contextlib import contextmanager
from time import monotonic


class Errand(threading.Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.job()


def run_serial(jobs):
    for each in jobs:
        each()


def run_threaded(jobs):
    out = []
    for job in jobs:
        errand = Errand(job)
        errand.start()
        out.append(errand)
    while out:
        out.pop().join()


@contextmanager
def noted(times):
    began = monotonic()
    yield
    times.append(monotonic() - began)


def compare(jobs):
    times = []
    with noted(times):
        run_serial(jobs)
    with noted(times):
        run_threaded(jobs)
    serial, threaded = times
    return serial, threaded
