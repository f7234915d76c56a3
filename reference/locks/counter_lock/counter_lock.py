"""A lock for the counter: the worked solution.

The stock owns the lock that guards its number: it is made once, with the stock, and whoever wants
to change the number has to go through a method that takes it. So nobody can forget it, and `ship`
need not know of it. Inside `with` stands the one line that must not be divided, and nothing else: a
packer who packs holds no lock. Reading `count` alone is one step, which needs none.
"""

import threading
from collections.abc import Callable


class Stock:
    """How many tins are there; any number of threads may take and put at the same time."""

    def __init__(self, count: int) -> None:
        """Begin with this many."""
        self.count = count
        self._lock = threading.Lock()

    def take(self) -> None:
        """Make the number one less."""
        with self._lock:
            self.count -= 1

    def put(self) -> None:
        """Make the number one more."""
        with self._lock:
            self.count += 1


def ship(stock: Stock, packers: int, rounds: int, pack: Callable[[], object]) -> None:
    """Let `packers` threads call `pack()` and then `stock.take()`, `rounds` times each."""

    def work() -> None:
        for _ in range(rounds):
            pack()
            stock.take()

    threads = [threading.Thread(target=work) for _ in range(packers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
