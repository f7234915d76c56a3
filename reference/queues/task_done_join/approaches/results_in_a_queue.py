"""Two queues: a worker is a class, and the mark is a job that ends its worker."""

import contextlib
from queue import Queue
from threading import Thread


class GoHome(BaseException):
    pass


class Worker(Thread):
    def __init__(self, tray, attempt):
        super().__init__(daemon=False)
        self.tray, self.attempt = tray, attempt

    def run(self):
        with contextlib.suppress(GoHome):
            while True:
                kind, job = self.tray.get()
                try:
                    if kind == "end":
                        raise GoHome
                    self.attempt(job)
                finally:
                    self.tray.task_done()


class Workshop:
    def __init__(self, workers, work):
        self.tray = Queue()
        self.failures = []

        def attempt(job):
            try:
                work(job)
            except Exception as error:
                self.failures.append((job, error))

        self.workers = [Worker(self.tray, attempt) for _ in range(workers)]
        for worker in self.workers:
            worker.start()

    def add(self, job):
        self.tray.put(("job", job))

    def wait(self):
        self.tray.join()

    def close(self):
        self.tray.join()
        for worker in self.workers:
            self.tray.put(("end", None))
        for worker in self.workers:
            worker.join()
