"""Hands the threads a function that looks up the loop's variable when it runs."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.lock = threading.Lock()

    def change(self, compute):
        with self.lock:
            self.value = compute(self.value)
            return self.value


def change_side_by_side(ledger, computes):
    threads = []
    for compute in computes:
        threads.append(threading.Thread(target=lambda: ledger.change(compute)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
