"""Waits for a while instead of joining."""

import threading
import time


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
        for _ in range(rounds):
            pack()
            stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    time.sleep(30)
