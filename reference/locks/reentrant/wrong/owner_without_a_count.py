"""A lock of its own that knows its owner and does not count: the inner block opens it."""

import threading


class OwnedLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.owner = None

    def __enter__(self):
        if self.owner != threading.get_ident():
            self.lock.acquire()
            self.owner = threading.get_ident()

    def __exit__(self, *error):
        if self.owner == threading.get_ident():
            self.owner = None
            self.lock.release()


class Till:
    def __init__(self, money=0):
        self.money = money
        self.lock = OwnedLock()

    def put(self, amount):
        with self.lock:
            self.money += amount

    def take(self, amount):
        with self.lock:
            if amount > self.money:
                return False
            self.money -= amount
            return True

    def total(self):
        with self.lock:
            return self.money

    def exchange(self, out, back):
        with self.lock:
            if not self.take(out):
                return False
            self.put(back)
            return True

    def alone(self, work):
        with self.lock:
            return work(self)
