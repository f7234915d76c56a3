"""Asks every now and then, with a lock that guards the number."""

import threading
import time


class Gate:
    def __init__(self, places):
        self.places = self.free = places
        self.lock = threading.Lock()

    def enter(self, patience=None):
        until = None if patience is None else time.monotonic() + patience
        while True:
            with self.lock:
                if self.free > 0:
                    self.free -= 1
                    return True
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(0.05)

    def leave(self):
        with self.lock:
            if self.free == self.places:
                raise ValueError("nobody is inside")
            self.free += 1

    def visit(self, look, patience=None):
        if not self.enter(patience):
            return False
        try:
            look()
        finally:
            self.leave()
        return True


def show_round(visitors, places, look):
    gate = Gate(places)
    found = [None] * len(visitors)

    def show(number):
        try:
            found[number] = look(visitors[number])
        except Exception as error:
            found[number] = error

    def come(number):
        gate.visit(lambda: show(number))

    threads = [threading.Thread(target=come, args=(number,)) for number in range(len(visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
