"""The page lies in a queue of one place; who computes has taken it out."""

import queue
import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.desk = queue.SimpleQueue()
        self.desk.put(value)

    def change(self, compute):
        page = self.desk.get()
        try:
            page = self.value = compute(page)
            return page
        finally:
            self.desk.put(page)


class Clerk(threading.Thread):
    def __init__(self, ledger, compute):
        super().__init__()
        self.ledger, self.compute = ledger, compute

    def run(self):
        self.ledger.change(self.compute)


def change_side_by_side(ledger, computes):
    clerks = [Clerk(ledger, compute) for compute in computes]
    [clerk.start() for clerk in clerks]
    [clerk.join() for clerk in clerks]
