"""A guest's table holds promises in the order of the orders; each is kept when the box is ready."""

import threading
from queue import Queue, SimpleQueue


class Promise:
    """A box that will come."""

    def __init__(self, dish):
        self.dish = dish
        self.kept = threading.Event()

    def keep(self, box):
        self.box = box
        self.kept.set()

    def wait(self):
        self.kept.wait()
        return self.box


class Stage:
    """Threads that do the same with everything that comes, and then pass it on."""

    def __init__(self, count, act):
        self.coming = Queue()
        self.act = act
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while entry := self.coming.get():
            self.act(*entry)

    def close(self):
        for _ in self.threads:
            self.coming.put(())
        for thread in self.threads:
            thread.join()


def serve(orders, cooks, cook, pack, eat):
    counter = Stage(1, lambda promise, meal: promise.keep(pack(meal)))
    kitchen = Stage(cooks, lambda promise: counter.coming.put((promise, cook(promise.dish))))
    tables = {}

    def dine(guest, table):
        while promise := table.get():
            eat(guest, promise.wait())

    for guest, dish in orders:
        if guest not in tables:
            table = SimpleQueue()
            tables[guest] = table, threading.Thread(target=dine, args=(guest, table))
            tables[guest][1].start()
        promise = Promise(dish)
        tables[guest][0].put(promise)
        kitchen.coming.put((promise,))
    kitchen.close()
    counter.close()
    for table, thread in tables.values():
        table.put(None)
        thread.join()
