"""A ring of places, and a condition for each number that somebody waits for."""

from threading import Condition, RLock


class Closed(Exception):
    pass


class Buffer:
    def __init__(self, size):
        self.ring = [None] * size
        self.first = self.filled = 0
        self.closed = False
        self.lock = RLock()
        self.room = Condition(self.lock)
        self.enough = [Condition(self.lock) for _ in range(size + 1)]  # enough[n]: there are n items

    def put(self, item):
        with self.lock:
            while self.filled == len(self.ring) and not self.closed:
                self.room.wait()
            if self.closed:
                raise Closed
            self.ring[(self.first + self.filled) % len(self.ring)] = item
            self.filled += 1
            self.wake()

    def get(self):
        (item,) = self.get_batch(1)
        return item

    def get_batch(self, count):
        with self.lock:
            while self.filled < count and not self.closed:
                self.enough[count].wait()
            if not self.filled:
                raise Closed
            return [self.take() for _ in range(min(count, self.filled))]

    def take(self):
        with self.lock:
            item = self.ring[self.first]
            self.ring[self.first] = None
            self.first = (self.first + 1) % len(self.ring)
            self.filled -= 1
            self.room.notify()
            return item

    def wake(self):
        for number in range(1, self.filled + 1):
            self.enough[number].notify()

    def close(self):
        with self.lock:
            self.closed = True
            for condition in [self.room, *self.enough]:
                condition.notify_all()
