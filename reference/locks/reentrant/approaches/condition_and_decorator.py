"""A decorator takes the lock for every public method; it is the RLock inside a Condition."""

import functools
import threading


def locked(method):
    @functools.wraps(method)
    def call(self, *args):
        self.guard.acquire()
        try:
            return method(self, *args)
        finally:
            self.guard.release()

    return call


class Till:
    def __init__(self, money=0):
        self.money = money
        self.guard = threading.Condition()

    @locked
    def put(self, amount):
        self.money += amount

    @locked
    def take(self, amount):
        enough = amount <= self.money
        if enough:
            self.money -= amount
        return enough

    @locked
    def total(self):
        return self.money

    @locked
    def exchange(self, out, back):
        enough = self.take(out)
        if enough:
            self.put(back)
        return enough

    @locked
    def alone(self, work):
        return work(self)
