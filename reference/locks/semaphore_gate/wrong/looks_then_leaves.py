"""Looks whether anybody is inside, and releases then."""

import threading


class Gate:
    def __init__(self, places):
        self.places = threading.Semaphore(places)
        self.inside = 0
        self.lock = threading.Lock()

    def enter(self, patience=None):
        if not self.places.acquire(timeout=patience):
            return False
        with self.lock:
            self.inside += 1
        return True

    def leave(self):
        if self.inside == 0:
            raise ValueError("nobody is inside")
        with self.lock:
            self.inside -= 1
        self.places.release()

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
