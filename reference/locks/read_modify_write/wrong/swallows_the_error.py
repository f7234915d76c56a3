"""Catches the error in order to release, and says nothing to the caller."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        self.lock.acquire()
        try:
            self.value = compute(self.value)
        except Exception:
            pass
        self.lock.release()
        return self.value


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
