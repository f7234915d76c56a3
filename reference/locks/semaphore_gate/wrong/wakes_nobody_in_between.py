"""Looks under the lock, and begins to wait after it was released."""

import threading


class Gate:
    def __init__(self, places):
        self.places = self.free = places
        self.lock = threading.Lock()
        self.opened = threading.Event()

    def enter(self, patience=None):
        while True:
            with self.lock:
                if self.free > 0:
                    self.free -= 1
                    return True
            self.opened.clear()
            if not self.opened.wait(patience):
                return False

    def leave(self):
        with self.lock:
            if self.free == self.places:
                raise ValueError("nobody is inside")
            self.free += 1
        self.opened.set()

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
