"""One lock for taking, another for putting: they do not keep each other out."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count
        self.taking = threading.Lock()
        self.putting = threading.Lock()

    def take(self):
        with self.taking:
            self.count -= 1

    def put(self):
        with self.putting:
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
