"""Counts the free places in a number that nobody guards."""

import threading
import time


class Gate:
    def __init__(self, places):
        self.places = self.free = places

    def enter(self, patience=None):
        until = None if patience is None else time.monotonic() + patience
        while self.free == 0:
            if until is not None and time.monotonic() >= until:
                return False
            time.sleep(0.01)
        self.free -= 1
        return True

    def leave(self):
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
