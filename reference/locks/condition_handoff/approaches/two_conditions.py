"""Two conditions with one lock, so that `notify` finds the right sort; each waits in a loop of its own."""

import threading
import time


class Closed(Exception):
    pass


def break_looks_outside():
    return ["waiter: until acquire", "cook: to the end"]


def break_looks_once():
    return ["bob: until it waits", "cook: until release", "cook: until acquire", "ann: to the end", "bob: to the end"]


def pause(condition, end):
    """Wait until woken or until the end; tell whether there is time left."""
    if end is None:
        condition.wait()
        return True
    left = end - time.monotonic()
    if left > 0:
        condition.wait(left)
    return left > 0


class Hatch:
    def __init__(self):
        self.lock = threading.Lock()
        self.some = threading.Condition(self.lock)
        self.none = threading.Condition(self.lock)
        self.dishes = []
        self.closed = False

    def put(self, dish):
        with self.lock:
            if self.closed:
                raise Closed("the hatch is closed")
            self.dishes.append(dish)
            self.some.notify()

    def take(self, patience=None):
        end = None if patience is None else time.monotonic() + patience
        with self.some:
            while not self.dishes:
                if self.closed:
                    raise Closed("the hatch is closed")
                if not pause(self.some, end):
                    raise TimeoutError
            dish = self.dishes.pop(0)
            if not self.dishes:
                self.none.notify_all()
            return dish

    def cleared(self, patience=None):
        end = None if patience is None else time.monotonic() + patience
        with self.none:
            while self.dishes:
                if not pause(self.none, end):
                    return False
            return True

    def close(self):
        with self.lock:
            self.closed = True
            self.some.notify_all()
