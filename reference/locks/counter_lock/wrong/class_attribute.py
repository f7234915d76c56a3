"""Keeps the number in the class, where all stocks share it."""

import threading


class Stock:
    def __init__(self, count):
        Stock.count = count
        self.lock = threading.Lock()

    def take(self):
        with self.lock:
            Stock.count -= 1

    def put(self):
        with self.lock:
            Stock.count += 1


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
