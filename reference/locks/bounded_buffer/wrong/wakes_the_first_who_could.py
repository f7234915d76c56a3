"""Wakes the first of those who wait for whom there is enough at this moment, and nobody else."""

import threading
from collections import deque


class Closed(Exception):
    """The buffer is closed: nothing comes in, or nothing is left. Given: nothing to do here."""


class Buffer:
    """A store of limited size between those who put and those who get."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.items: deque[object] = deque()
        self.closed = False
        self.lock = threading.Lock()
        self.room = threading.Condition(self.lock)
        self.wishes: list[tuple[int, threading.Event]] = []

    def put(self, item: object) -> None:
        with self.lock:
            self.room.wait_for(lambda: len(self.items) < self.size or self.closed)
            if self.closed:
                raise Closed
            self.items.append(item)
            for place, (count, bell) in enumerate(self.wishes):
                if count <= len(self.items):
                    del self.wishes[place]
                    bell.set()
                    break

    def get(self) -> object:
        return self.get_batch(1)[0]

    def get_batch(self, count: int) -> list[object]:
        while True:
            with self.lock:
                if len(self.items) >= count or (self.closed and self.items):
                    batch = [self.items.popleft() for _ in range(min(count, len(self.items)))]
                    self.room.notify(len(batch))
                    return batch
                if self.closed:
                    raise Closed
                bell = threading.Event()
                self.wishes.append((count, bell))
            bell.wait()

    def close(self) -> None:
        with self.lock:
            self.closed = True
            self.room.notify_all()
            for _, bell in self.wishes:
                bell.set()
            self.wishes.clear()
