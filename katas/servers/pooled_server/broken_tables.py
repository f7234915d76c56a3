"""Two ways to give out tables. Each is broken: read them, and leave them as they are."""

import threading


class Count:
    """Says whether a table is free, and takes it: a number is enough, its builder says."""

    def __init__(self, tables):
        self.free = tables

    def take(self):
        free = self.free
        if free == 0:
            return False
        self.free = free - 1
        return True


class Bell:
    """Who finds no table free waits for the bell, which rings when one is: a lock is around the number, he says."""

    def __init__(self, tables):
        self.free = tables
        self.lock = threading.Lock()
        self.rings = threading.Event()

    def take(self):
        while not self.has_taken():
            self.rings.clear()
            self.rings.wait()

    def has_taken(self):
        with self.lock:
            if self.free == 0:
                return False
            self.free -= 1
            return True

    def give_back(self):
        with self.lock:
            self.free += 1
        self.rings.set()
