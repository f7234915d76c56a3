"""Counting changes nothing, and so it does without the lock."""

import threading


class Till:
    def __init__(self, money=0):
        self.money = money
        self.lock = threading.RLock()

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
