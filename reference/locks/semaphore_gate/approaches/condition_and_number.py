"""A number of free places, and a condition for those who wait; the tour has as many workers as places."""

import threading
from collections import deque


class Gate:
    def __init__(self, places):
        self.places = self.free = places
        self.changed = threading.Condition()

    def enter(self, patience=None):
        with self.changed:
            if not self.changed.wait_for(lambda: self.free > 0, patience):
                return False
            self.free -= 1
            return True

    def leave(self):
        with self.changed:
            if self.free == self.places:
                raise ValueError("nobody is inside")
            self.free += 1
            self.changed.notify()

    def visit(self, look, patience=None):
        if not self.enter(patience):
            return False
        try:
            look()
        finally:
            self.leave()
        return True


def show_round(visitors, places, look):
    found = [None] * len(visitors)
    waiting = deque(range(len(visitors)))

    def guide():
        while True:
            try:
                number = waiting.popleft()
            except IndexError:
                return
            try:
                found[number] = look(visitors[number])
            except Exception as error:
                found[number] = error

    guides = [threading.Thread(target=guide) for _ in range(min(places, len(visitors)))]
    for thread in guides:
        thread.start()
    for thread in guides:
        thread.join()
    return found
