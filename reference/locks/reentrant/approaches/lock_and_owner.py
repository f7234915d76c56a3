"""A plain Lock, and beside it who holds it and how deep; only the outermost block releases."""

import contextlib
import threading


class Till:
    def __init__(self, money=0):
        self.money = money
        self.lock = threading.Lock()
        self.owner = None
        self.depth = 0

    @contextlib.contextmanager
    def held(self):
        me = threading.get_ident()
        if self.owner != me:  # only this thread can have written `me` there
            self.lock.acquire()
            self.owner = me
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            if not self.depth:
                self.owner = None
                self.lock.release()

    def put(self, amount):
        with self.held():
            self.money += amount

    def take(self, amount):
        with self.held():
            if amount > self.money:
                return False
            self.money -= amount
            return True

    def total(self):
        with self.held():
            return self.money

    def exchange(self, out, back):
        with self.held():
            if self.take(out):
                self.put(back)
                return True
            return False

    def alone(self, work):
        with self.held():
            return work(self)
