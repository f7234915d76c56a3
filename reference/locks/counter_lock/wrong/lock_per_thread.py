"""Each thread has a lock of its own, which keeps nobody out."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count
        self.own = threading.local()

    def take(self):
        with self.lock():
            self.count -= 1

    def put(self):
        with self.lock():
            self.count += 1

    def lock(self):
        if not hasattr(self.own, "lock"):
            self.own.lock = threading.Lock()
        return self.own.lock


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
