"""A plain Lock with a time-out, and then goes on without it."""

import threading


class ImpatientLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.mine = threading.local()

    def __enter__(self):
        self.mine.taken = [*getattr(self.mine, "taken", []), self.lock.acquire(timeout=1)]

    def __exit__(self, *error):
        if self.mine.taken.pop():
            self.lock.release()


class Till:
    def __init__(self, money=0):
        self.money = money
        self.lock = ImpatientLock()

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
