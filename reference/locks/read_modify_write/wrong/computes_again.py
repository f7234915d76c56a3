"""Computes without the lock, and again if somebody was faster."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        while True:
            old = self.value
            new = compute(old)
            with self.lock:
                if self.value == old:
                    self.value = new
                    return new


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
