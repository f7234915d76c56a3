"""The lock belongs to the class, and so to all ledgers."""

import threading


class Ledger:
    lock = threading.Lock()

    def __init__(self, value):
        self.value = value

    def change(self, compute):
        with self.lock:
            self.value = compute(self.value)
            return self.value


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
