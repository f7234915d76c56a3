"""Locks the reading, and locks the writing, but not what lies between them."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        with self.lock:
            old = self.value
        new = compute(old)
        with self.lock:
            self.value = new
        return new


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
