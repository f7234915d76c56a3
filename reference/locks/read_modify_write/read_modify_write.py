"""Read, modify, write: the worked solution.

The value is only safe to write while it is still the one that was read. So the lock is taken before
the reading and released after the writing, and the computing lies in between, however long it
takes. `with` releases on every way out: when `compute` raises, the line that writes is never
reached, the value stays, the exception goes on to the caller, and the lock is free. Each ledger has
a lock of its own, as ledgers have nothing to do with each other.
"""

import threading
from collections.abc import Callable

Compute = Callable[[int], int]


class Ledger:
    """One number, and one way to change it that no other change can get in between."""

    def __init__(self, value: int) -> None:
        """Begin with this value."""
        self.value = value
        self._lock = threading.Lock()

    def change(self, compute: Compute) -> int:
        """Write what `compute` makes of the value, and return it."""
        with self._lock:
            self.value = compute(self.value)
            return self.value


def change_side_by_side(ledger: Ledger, computes: list[Compute]) -> None:
    """Change the ledger by each of the functions, each in a thread of its own."""
    threads = [threading.Thread(target=ledger.change, args=(compute,)) for compute in computes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
