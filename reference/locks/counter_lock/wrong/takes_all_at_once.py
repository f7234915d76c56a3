"""Counts in the end what was packed, and sets the number: a shared counter all the same."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            self.count -= 1

    def put(self):
        with self.lock:
            self.count += 1


def ship(stock, packers, rounds, pack):
    def work():
        left = stock.count
        for _ in range(rounds):
            pack()
            left -= 1
        stock.count = left

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
