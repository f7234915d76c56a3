"""An own lock that sleeps and asks until nobody has it."""

import threading
import time


class PollingLock:
    def __init__(self):
        self.lock = threading.RLock()

    def __enter__(self):
        while not self.lock.acquire(blocking=False):
            time.sleep(0.3)

    def __exit__(self, *error):
        self.lock.release()


class Till:
    def __init__(self, money=0):
        self.money = money
        self.lock = PollingLock()

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
