"""Reads the number before it takes the lock, and writes what was true then."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count
        self.lock = threading.Lock()

    def take(self):
        left = self.count
        with self.lock:
            self.count = left - 1

    def put(self):
        with self.lock:
            self.count += 1


def ship(stock, packers, rounds, pack):
    def work():
        for _ in range(rounds):
            pack()
            stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
