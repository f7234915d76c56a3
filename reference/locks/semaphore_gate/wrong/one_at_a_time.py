"""A lock, which lets in one."""

import threading


class Gate:
    def __init__(self, places):
        self.places = threading.Lock()

    def enter(self, patience=None):
        return self.places.acquire(timeout=-1 if patience is None else patience)

    def leave(self):
        if not self.places.locked():
            raise ValueError("nobody is inside")
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
