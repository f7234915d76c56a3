"""A condition for each number of items, and only the one of this number is notified."""

import threading
from collections import deque


class Closed(Exception):
    pass


class Buffer:
    def __init__(self, size):
        self._size = size
        self._items = deque()
        self._closed = False
        lock = threading.Lock()
        self._not_full = threading.Condition(lock)
        self._enough = [threading.Condition(lock) for _ in range(size + 1)]

    def put(self, item):
        with self._not_full:
            self._not_full.wait_for(lambda: self._closed or len(self._items) < self._size)
            if self._closed:
                raise Closed
            self._items.append(item)
            self._enough[1].notify()
            if len(self._items) > 1:
                self._enough[len(self._items)].notify()

    def get_batch(self, count):
        enough = self._enough[count]
        with enough:
            enough.wait_for(lambda: self._closed or len(self._items) >= count)
            if not self._items:
                raise Closed
            taken = [self._items.popleft() for _ in range(min(count, len(self._items)))]
            self._not_full.notify(len(taken))
            return taken

    def get(self):
        (item,) = self.get_batch(1)
        return item

    def close(self):
        with self._not_full:
            self._closed = True
            for condition in [self._not_full, *self._enough]:
                condition.notify_all()
