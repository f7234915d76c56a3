"""Rings only when the hatch was empty before."""

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
        self.lock = threading.Lock()
        self.some = threading.Condition(self.lock)
        self.none = threading.Condition(self.lock)

    def put(self, dish):
        with self.some:
            if self.closed:
                raise Closed
            self.dishes.append(dish)
            if len(self.dishes) == 1:
                self.some.notify()

    def take(self, patience=None):
        with self.some:
            if not self.some.wait_for(lambda: self.dishes or self.closed, patience):
                raise TimeoutError
            if not self.dishes:
                raise Closed
            self.none.notify_all()
            return self.dishes.popleft()

    def cleared(self, patience=None):
        with self.none:
            return self.none.wait_for(lambda: not self.dishes, patience)

    def close(self):
        with self.some:
            self.closed = True
            self.some.notify_all()
