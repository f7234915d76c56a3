"""Makes a lock in each call, which nobody else can be holding."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value

    def change(self, compute):
        with threading.Lock():
            self.value = compute(self.value)
            return self.value


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
