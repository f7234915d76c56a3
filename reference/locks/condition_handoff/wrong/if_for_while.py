"""Believes that a wake-up means a dish."""

import threading
from collections import deque


class Closed(Exception):
    pass


def break_looks_outside():
    return ["waiter: until take:24", "cook: to the end", "waiter: until it waits"]


def break_looks_once():
    return ["ann: until it waits", "cook: until acquire", "cook: until acquire", "bob: to the end"]


class Hatch:
    def __init__(self):
        self.dishes = deque()
        self.closed = False
        self.changed = threading.Condition()

    def put(self, dish):
        with self.changed:
            if self.closed:
                raise Closed
            self.dishes.append(dish)
            self.changed.notify_all()

    def take(self, patience=None):
        with self.changed:
            if not self.dishes and not self.closed:
                if not self.changed.wait(patience) and not self.dishes:
                    raise TimeoutError
            if self.closed and not self.dishes:
                raise Closed
            self.changed.notify_all()
            return self.dishes.popleft()

    def cleared(self, patience=None):
        with self.changed:
            return self.changed.wait_for(lambda: not self.dishes, patience)

    def close(self):
        with self.changed:
            self.closed = True
            self.changed.notify_all()
