"""No condition at all: a lock, and a bench on which everybody sits with an event of his own."""

import threading
import time


class Closed(Exception):
    pass


def break_looks_outside():
    return ["waiter: until take:24", "cook: to the end", "waiter: to the end"]


def break_looks_once():
    return ["ann: until it waits", "cook: until release", "cook: for 1 step", "bob: to the end"]


class Hatch:
    def __init__(self):
        self.lock = threading.Lock()
        self.bench = []
        self.dishes = []
        self.closed = False

    def _wake(self):
        bench, self.bench = self.bench, []
        for event in bench:
            event.set()

    def _until(self, holds, patience):
        """Return with the lock, and tell whether it holds."""
        end = None if patience is None else time.monotonic() + patience
        self.lock.acquire()
        while not holds():
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return False
            event = threading.Event()
            self.bench.append(event)
            self.lock.release()
            event.wait(left)
            self.lock.acquire()
        return True

    def put(self, dish):
        with self.lock:
            if self.closed:
                raise Closed
            self.dishes.append(dish)
            self._wake()

    def take(self, patience=None):
        try:
            if not self._until(lambda: self.dishes or self.closed, patience):
                raise TimeoutError
            if not self.dishes:
                raise Closed
            self._wake()
            return self.dishes.pop(0)
        finally:
            self.lock.release()

    def cleared(self, patience=None):
        try:
            return self._until(lambda: not self.dishes, patience)
        finally:
            self.lock.release()

    def close(self):
        with self.lock:
            self.closed = True
            self._wake()
