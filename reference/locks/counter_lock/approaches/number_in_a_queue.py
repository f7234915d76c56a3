"""The number lies in a queue of one place: who has taken it out is the only one who has it."""

import queue
import threading


class Stock:
    def __init__(self, count):
        self.place = queue.Queue(maxsize=1)
        self.place.put(count)

    def change(self, by):
        number = self.place.get()
        self.place.put(number + by)
        return number + by

    def take(self):
        self.change(-1)

    def put(self):
        self.change(+1)

    @property
    def count(self):
        return self.change(0)


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
