"""An RLock, taken above the `try` and released in `finally`; readers ask for it too."""

from threading import RLock, Thread


class Ledger:
    def __init__(self, value):
        self._number = value
        self._guard = RLock()

    @property
    def value(self):
        return self._number

    def change(self, compute):
        self._guard.acquire()
        try:
            old = self._number
            new = compute(old)
            self._number = new
        finally:
            self._guard.release()
        return new


def change_side_by_side(ledger, computes):
    threads = []
    for compute in computes:
        thread = Thread(target=lambda compute=compute: ledger.change(compute))
        thread.start()
        threads.append(thread)
    while threads:
        threads.pop().join()
