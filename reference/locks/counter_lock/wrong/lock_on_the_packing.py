"""Locks the wrong line: the packing, and not the counting."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count

    def take(self):
        self.count -= 1

    def put(self):
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
