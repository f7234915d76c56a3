"""Releases in `except`, and in `finally` again."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        self.lock.acquire()
        try:
            self.value = compute(self.value)
            return self.value
        except Exception:
            self.lock.release()
            raise
        finally:
            self.lock.release()


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
