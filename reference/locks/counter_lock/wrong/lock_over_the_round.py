"""Holds the lock while it packs."""

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
    lock = threading.Lock()

    def work():
        for _ in range(rounds):
            with lock:
                pack()
                stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
