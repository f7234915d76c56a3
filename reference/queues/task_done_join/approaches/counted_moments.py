"""A semaphore counts the jobs, a condition the *moments* in which everything was done: none of them can be missed."""

import threading
from collections import deque


class Workshop:
    def __init__(self, workers, work):
        self.failures = []
        self.work = work
        self.jobs = deque()
        self.there = threading.Semaphore(0)
        self.done = threading.Condition()
        self.open = self.moments = 0
        self.threads = [threading.Thread(target=self.run) for _ in range(workers)]
        for thread in self.threads:
            thread.start()

    def next(self):
        self.there.acquire()
        try:
            return [self.jobs.popleft()]
        except IndexError:  # the workshop is closed
            return []

    def run(self):
        for (job,) in iter(self.next, []):
            try:
                self.work(job)
            except Exception as error:
                self.failures.append((job, error))
            finally:
                with self.done:
                    self.open -= 1
                    if not self.open:
                        self.moments += 1
                        self.done.notify_all()

    def add(self, job):
        with self.done:
            self.open += 1
            self.jobs.append(job)
        self.there.release()

    def wait(self):
        with self.done:
            moments = self.moments
            self.done.wait_for(lambda: not self.open or self.moments > moments)

    def close(self):
        self.wait()
        self.there.release(len(self.threads))
        for thread in self.threads:
            thread.join()
