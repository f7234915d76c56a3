"""Writes in `finally`, also when there is nothing to write."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        new = None
        with self.lock:
            try:
                new = compute(self.value)
            finally:
                self.value = new
            return new


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
