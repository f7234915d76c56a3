"""Comes back when the last visitor has a place."""

import threading


class Gate:
    def __init__(self, places):
        self.places = threading.BoundedSemaphore(places)

    def enter(self, patience=None):
        return self.places.acquire(timeout=patience)

    def leave(self):
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
        finally:
            gate.leave()

    for number in range(len(visitors)):
        gate.enter()
        threading.Thread(target=show, args=(number,)).start()
    return found
