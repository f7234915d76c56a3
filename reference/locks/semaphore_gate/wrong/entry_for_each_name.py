"""Keeps what was seen by visitor."""

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
    found = {}

    def show(visitor):
        try:
            found[visitor] = look(visitor)
        except Exception as error:
            found[visitor] = error

    def come(visitor):
        gate.visit(lambda: show(visitor))

    threads = [threading.Thread(target=come, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(found.values())
