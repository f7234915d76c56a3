# wrong: wait waits for the jobs that were there when it was called; what others add meanwhile does not count

import threading
from collections import deque


class Workshop:
    def __init__(self, workers, work):
        self.work = work
        self.failures = []
        self.jobs = deque()
        self.added = self.done = 0
        self.closed = False
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self.run) for _ in range(workers)]
        [thread.start() for thread in self.threads]

    def add(self, job):
        with self.changed:
            self.jobs.append(job)
            self.added += 1
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
                self.done += 1
                self.changed.notify_all()

    def attempt(self, job):
        try:
            self.work(job)
        except Exception as error:
            return [(job, error)]
        return []

    def wait(self):
        with self.changed:
            there = self.added
            self.changed.wait_for(lambda: self.done >= there)

    def close(self):
        with self.changed:
            self.changed.wait_for(lambda: self.done == self.added)
            self.closed = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join()
