import threading

from pytest_concurrency import op


class Counter:
    def __init__(self):
        self.number, self.lock = 0, threading.Lock()

    def add(self, by=1):
        with self.lock:
            self.number += by
            return self.number


class Shop:
    def __init__(self, counter):
        self.counter = counter

    def sell(self, pieces):
        return self.counter.add(by=pieces)


def make():
    return Shop(Counter())


def test_shop(race):
    race.linearizable(make, [[("sell", 1)], [op("sell", pieces=2)]])
