"""Gets the items of a batch one after the other."""

import threading
from collections import deque


class Closed(Exception):
    pass


class Buffer:
    def __init__(self, size):
        self.size = size
        self.items = deque()
        self.is_closed = False
        lock = threading.Lock()
        self.not_empty = threading.Condition(lock)
        self.not_full = threading.Condition(lock)

    def put(self, item):
        with self.not_full:
            while not self.is_closed and len(self.items) >= self.size:
                self.not_full.wait()
            if self.is_closed:
                raise Closed
            self.items.append(item)
            self.not_empty.notify_all()

    def get(self):
        with self.not_empty:
            while not self.is_closed and not self.items:
                self.not_empty.wait()
            if not self.items:
                raise Closed
            self.not_full.notify()
            return self.items.popleft()

    def get_batch(self, count):
        batch = [self.get()]
        try:
            while len(batch) < count:
                batch.append(self.get())
        except Closed:
            pass
        return batch

    def close(self):
        with self.not_full:
            self.is_closed = True
            self.not_full.notify_all()
            self.not_empty.notify_all()
