"""Three helpers of crawlers with threads. Each is broken: read them, and leave them as they are."""

import threading


class Notebook:
    """Says of each address once that it is new: a list is safe, its builder says."""

    def __init__(self):
        self.known = []

    def is_new(self, address):
        if address in self.known:
            return False
        self.known.append(address)
        return True


class Names:
    """Gives everybody a name of his own: there is a lock around each look and each change, its builder says."""

    def __init__(self):
        self.lock = threading.Lock()
        self.taken = set()

    def is_free(self, name):
        with self.lock:
            return name not in self.taken

    def take(self, name):
        with self.lock:
            self.taken.add(name)

    def choose(self, name):
        number = 1
        while not self.is_free(f"{number}-{name}"):
            number += 1
        self.take(f"{number}-{name}")
        return f"{number}-{name}"


class Gate:
    """Lets so many in: who finds no place waits until he is told that there is one, its builder says."""

    def __init__(self, places):
        self.places = places
        self.condition = threading.Condition()

    def enter(self):
        with self.condition:
            if self.places == 0:
                self.condition.wait()
            self.places -= 1

    def leave(self):
        with self.condition:
            self.places += 1
            self.condition.notify()
