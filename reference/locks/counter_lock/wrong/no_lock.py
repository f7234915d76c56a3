"""Trusts that the interpreter's own lock makes `-=` one step."""

import threading


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
    for thread in threads:
        thread.join()
