"""Locks the reading and the computing, and writes outside."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        with self.lock:
            new = compute(self.value)
        self.value = new
        return new


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
