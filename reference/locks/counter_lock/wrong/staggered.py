"""No lock: lets each packer begin a little later than the one before."""

import threading
import time


class Stock:
    def __init__(self, count):
        self.count = count

    def take(self):
        self.count -= 1

    def put(self):
        self.count += 1


def ship(stock, packers, rounds, pack):
    def work():
        for _ in range(rounds):
            pack()
            stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
