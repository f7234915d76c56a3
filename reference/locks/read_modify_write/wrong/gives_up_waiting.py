"""Takes the lock with a time-out, and goes on without it."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        held = self.lock.acquire(timeout=2)
        try:
            self.value = compute(self.value)
            return self.value
        finally:
            if held:
                self.lock.release()


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
