"""Locks only the writing."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        new = compute(self.value)
        with self.lock:
            self.value = new
        return new


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
