"""Waits for its time, and goes in."""

import threading


class Gate:
    def __init__(self, places):
        self.places = threading.BoundedSemaphore(places)

    def enter(self, patience=None):
        return self.places.acquire(timeout=patience)

    def leave(self):
        self.places.release()

    def visit(self, look, patience=None):
        self.enter(patience)
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
