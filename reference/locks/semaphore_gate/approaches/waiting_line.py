"""Whoever finds no place stands in line with an event of his own; who leaves hands his place to the first."""

import threading
from collections import deque


class Gate:
    def __init__(self, places):
        self.places = self.free = places
        self.lock = threading.RLock()
        self.line = deque()

    def enter(self, patience=None):
        with self.lock:
            if self.free > 0:
                self.free -= 1
                return True
            if patience == 0:
                return False
            my_turn = threading.Event()
            self.line.append(my_turn)
        if my_turn.wait(patience):
            return True
        with self.lock:
            if my_turn.is_set():  # at the last moment
                return True
            self.line.remove(my_turn)
            return False

    def leave(self):
        with self.lock:
            if self.free == self.places:
                raise ValueError("nobody is inside")
            if self.line:
                self.line.popleft().set()
            else:
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
        finally:
            gate.leave()

    threads = []
    for number in range(len(visitors)):
        gate.enter()
        threads.append(threading.Thread(target=show, args=(number,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return found
