"""One end mark, which every customer puts back for the next; threads as classes."""

from queue import Queue
from threading import Thread


class Closed:
    pass


class Baker(Thread):
    def __init__(self, oven, shelf):
        super().__init__()
        self.oven, self.shelf = iter(oven), shelf

    def run(self):
        for bun in self.oven:
            self.shelf.put(bun)


class Customer(Thread):
    def __init__(self, shelf, eat):
        super().__init__()
        self.shelf, self.eat = shelf, eat

    def run(self):
        while True:
            bun = self.shelf.get()
            if bun is Closed:
                self.shelf.put(bun)  # there is room: no baker is left, and this one has just made some
                return
            self.eat(bun)


def run_bakery(bakers, customers, eat, shelf):
    between = Queue(shelf)
    baking = [Baker(oven, between) for oven in bakers]
    eating = [Customer(between, eat) for _ in range(customers)]
    [thread.start() for thread in eating + baking]
    [thread.join() for thread in baking]
    between.put(Closed)
    [thread.join() for thread in eating]
