"""One method changes the number, under an RLock, and the packers are a subclass of Thread."""

import threading


class Stock:
    def __init__(self, count):
        self.number = count
        self.guard = threading.RLock()

    def change(self, by):
        self.guard.acquire()
        try:
            self.number = self.number + by
        finally:
            self.guard.release()

    def take(self):
        with self.guard:
            self.change(-1)

    def put(self):
        with self.guard:
            self.change(+1)

    @property
    def count(self):
        with self.guard:
            return self.number


class Packer(threading.Thread):
    def __init__(self, stock, rounds, pack):
        super().__init__()
        self.stock, self.rounds, self.pack = stock, rounds, pack

    def run(self):
        for _ in range(self.rounds):
            self.pack()
            self.stock.take()


def ship(stock, packers, rounds, pack):
    crew = [Packer(stock, rounds, pack) for _ in range(packers)]
    for packer in crew:
        packer.start()
    for packer in crew:
        packer.join()
