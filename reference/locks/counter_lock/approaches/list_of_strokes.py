"""No lock: a stroke on a list is one step, and who wants to know the number counts the strokes."""

from threading import Thread


class Stock:
    def __init__(self, count):
        self.first = count
        self.strokes = []

    def take(self):
        self.strokes.append(-1)

    def put(self):
        self.strokes.append(+1)

    @property
    def count(self):
        return self.first + sum(self.strokes)


def ship(stock, packers, rounds, pack):
    def work():
        for _ in range(rounds):
            pack()
            stock.take()

    threads = [Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
