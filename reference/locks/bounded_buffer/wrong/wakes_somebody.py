"""One condition for all, and one of those who wait is woken."""

import threading
from collections import deque


class Closed(Exception):
    pass


class Buffer:
    def __init__(self, size):
        self.size = size
        self.items = deque()
        self.is_closed = False
        self.changed = threading.Condition()

    def put(self, item):
        with self.changed:
            self.changed.wait_for(lambda: self.is_closed or len(self.items) < self.size)
            if self.is_closed:
                raise Closed
            self.items.append(item)
            self.changed.notify()

    def get(self):
        with self.changed:  # an RLock: get_batch takes it once more
            return self.get_batch(1)[0]

    def get_batch(self, count):
        with self.changed:
            self.changed.wait_for(lambda: self.is_closed or len(self.items) >= count)
            if not self.items:
                raise Closed
            batch = [self.items.popleft() for _ in range(min(count, len(self.items)))]
            self.changed.notify()
            return batch

    def close(self):
        with self.changed:
            self.is_closed = True
            self.changed.notify_all()
