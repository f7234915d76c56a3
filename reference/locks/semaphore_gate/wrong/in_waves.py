"""Lets in as many as fit, and waits until all of them are out."""

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
    found = [None] * len(visitors)

    def show(number):
        try:
            found[number] = look(visitors[number])
        except Exception as error:
            found[number] = error

    numbers = range(len(visitors))
    for first in numbers[::places]:
        threads = [threading.Thread(target=show, args=(number,)) for number in numbers[first : first + places]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return found
