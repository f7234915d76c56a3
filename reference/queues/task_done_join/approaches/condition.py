"""Counts by itself, under the condition that `wait` waits for; no end marks."""

import threading
from collections import deque


class Workshop:
    def __init__(self, workers, work):
        self.work = work
        self.failures = []
        self.jobs = deque()
        self.open = 0
        self.closed = False
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self.run) for _ in range(workers)]
        [thread.start() for thread in self.threads]

    def add(self, job):
        with self.changed:
            self.jobs.append(job)
            self.open += 1
            self.changed.notify_all()

    def run(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.jobs or self.closed)
                if not self.jobs:
                    return
                job = self.jobs.popleft()
            failure = self.attempt(job)
            with self.changed:
                self.failures += failure
                self.open -= 1
                self.changed.notify_all()

    def attempt(self, job):
        try:
            self.work(job)
        except Exception as error:
            return [(job, error)]
        return []

    def wait(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.open)

    def close(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.open)
            self.closed = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join()
