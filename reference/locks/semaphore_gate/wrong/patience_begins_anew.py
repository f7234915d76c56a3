"""Waits for the whole patience each time it was woken for nothing."""

import threading


class Gate:
    def __init__(self, places):
        self.places = self.free = places
        self.changed = threading.Condition()

    def enter(self, patience=None):
        with self.changed:
            while self.free == 0:
                if not self.changed.wait(patience):
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
