"""Makes a new lock in each call, which nobody else can be holding."""

import threading


class Stock:
    def __init__(self, count):
        self.count = count

    def take(self):
        with threading.Lock():
            self.count -= 1

    def put(self):
        with threading.Lock():
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
