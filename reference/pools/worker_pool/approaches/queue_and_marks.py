"""A queue, a number of workers that nobody has reserved, and an end mark for each worker; the worker is a class."""

import threading
from queue import SimpleQueue


class Driver(threading.Thread):
    def __init__(self, rank):
        super().__init__()
        self.rank = rank

    def run(self):
        while (ride := self.rank.rides.get()) is not None:
            if not self.rank.fog:
                self.drive(*ride)
            with self.rank.lock:
                self.rank.open_rides -= 1

    def drive(self, job, args, callback):
        try:
            told = (True, job(*args))
        except BaseException as error:
            told = (False, error)
        if callback is None:
            self.rank.errors.extend(told[1:] if not told[0] else ())
            return
        try:
            callback(*told)
        except BaseException as error:
            self.rank.errors.append(error)


class WorkerPool:
    def __init__(self, most):
        self.most, self.rides, self.lock = most, SimpleQueue(), threading.Lock()
        self.drivers, self.errors = [], []
        self.open_rides, self.closed, self.fog = 0, False, False

    def run(self, job, args=(), callback=None):
        with self.lock:
            if self.closed:
                raise RuntimeError("closed")
            self.open_rides += 1
            if self.open_rides > len(self.drivers) and len(self.drivers) < self.most:
                self.drivers.append(Driver(self))
                self.drivers[-1].start()
            self.rides.put((job, args, callback))

    def close(self):
        with self.lock:
            if not self.closed:
                self.closed = True
                for _ in self.drivers:
                    self.rides.put(None)
        for driver in self.drivers:
            driver.join()
        return self.errors[:]

    def terminate(self):
        self.fog = True
        return self.close()
