"""Looks, and sleeps for a while if it cannot go on."""

import threading
import time
from collections import deque


class Closed(Exception):
    pass


class Buffer:
    def __init__(self, size):
        self.size = size
        self.items = deque()
        self.is_closed = False
        self.lock = threading.Lock()

    def put(self, item):
        while True:
            with self.lock:
                if self.is_closed:
                    raise Closed
                if len(self.items) < self.size:
                    self.items.append(item)
                    return
            time.sleep(0.25)

    def get(self):
        return self.get_batch(1)[0]

    def get_batch(self, count):
        while True:
            with self.lock:
                if self.is_closed and not self.items:
                    raise Closed
                if self.is_closed or len(self.items) >= count:
                    return [self.items.popleft() for _ in range(min(count, len(self.items)))]
            time.sleep(0.25)

    def close(self):
        with self.lock:
            self.is_closed = True
