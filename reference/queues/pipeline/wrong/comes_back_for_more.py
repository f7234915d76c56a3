"""A guest goes home when all is eaten that was ordered so far; for a later order he comes back, in a new thread."""

import queue
import threading

END = object()


class Visit:
    """A guest at a table, from the first order until everything is eaten."""

    def __init__(self, guest, eat):
        self.guest, self.eat = guest, eat
        self.ordered = 1
        self.table = queue.Queue()
        self.thread = threading.Thread(target=self.dine)

    def dine(self):
        early, expected = {}, 0
        while expected < self.ordered:
            number, box = self.table.get()
            early[number] = box
            while expected in early:
                self.eat(self.guest, early.pop(expected))
                expected += 1


def serve(orders, cooks, cook, pack, eat):
    kitchen, counter = queue.Queue(), queue.Queue()
    visits, last = [], {}

    def work():
        while (order := kitchen.get()) is not END:
            visit, number, dish = order
            counter.put((visit, number, cook(dish)))

    def hand_out():
        while (ready := counter.get()) is not END:
            visit, number, meal = ready
            visit.table.put((number, pack(meal)))

    staff = [threading.Thread(target=work) for _ in range(cooks)]
    packer = threading.Thread(target=hand_out)
    for thread in (*staff, packer):
        thread.start()
    for guest, dish in orders:
        if guest in last and last[guest].thread.is_alive():
            last[guest].ordered += 1
        else:
            last[guest] = Visit(guest, eat)
            visits.append(last[guest])
            last[guest].thread.start()
        kitchen.put((last[guest], last[guest].ordered - 1, dish))
    for _ in staff:
        kitchen.put(END)
    for thread in staff:
        thread.join()
    counter.put(END)
    for thread in (packer, *[visit.thread for visit in visits]):
        thread.join()
