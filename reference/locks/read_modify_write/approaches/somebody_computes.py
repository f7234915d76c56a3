"""A Condition and a flag that says whether somebody computes; the computing holds no lock."""

import threading


class Ledger:
    def __init__(self, value):
        self.value = value
        self.is_taken = False
        self.free = threading.Condition()

    def change(self, compute):
        with self.free:
            self.free.wait_for(lambda: not self.is_taken)
            self.is_taken = True
        try:
            self.value = result = compute(self.value)
        finally:
            with self.free:
                self.is_taken = False
                self.free.notify()
        return result


def change_side_by_side(ledger, computes):
    threads = [threading.Thread(target=ledger.change, args=[compute]) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
