"""Looks whether it is closed before the waiting, and not after it."""

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
            if self.is_closed:
                raise Closed
            while len(self.items) >= self.size:
                self.not_full.wait()
                if self.is_closed and len(self.items) >= self.size:
                    raise Closed
            self.items.append(item)
            self.not_empty.notify_all()

    def get(self):
        return self.get_batch(1)[0]

    def get_batch(self, count):
        with self.not_empty:
            while not self.is_closed and len(self.items) < count:
                self.not_empty.wait()
            if not self.items:
                raise Closed
            batch = [self.items.popleft() for _ in range(min(count, len(self.items)))]
            self.not_full.notify(len(batch))
            return batch

    def close(self):
        with self.not_full:
            self.is_closed = True
            self.not_full.notify_all()
            self.not_empty.notify_all()
