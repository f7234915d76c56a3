"""The same lock twice: the worked solution.

Each method takes the lock of the till, and may call the others, because an RLock knows its owner and
counts: it lets the owner in again, and is free when every `with` that took it has been left, by
`return` or by an exception. So `exchange` is `take` and `put` with the lock held around both, and
`alone` is nothing but holding the lock while somebody else's function runs.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Till:
    """Money that several threads put in, take out and count."""

    def __init__(self, money: int = 0) -> None:
        """Begin with this much."""
        self._money = money
        self._lock = threading.RLock()

    def put(self, amount: int) -> None:
        """Add an amount."""
        with self._lock:
            self._money += amount

    def take(self, amount: int) -> bool:
        """Take an amount out, or nothing if there is less; tell which."""
        with self._lock:
            if amount > self._money:
                return False
            self._money -= amount
            return True

    def total(self) -> int:
        """Return how much there is."""
        with self._lock:
            return self._money

    def exchange(self, out: int, back: int) -> bool:
        """Take one amount and put another, as one step; tell whether there was enough."""
        with self._lock:
            if not self.take(out):
                return False
            self.put(back)
            return True

    def alone(self, work: Callable[["Till"], Result]) -> Result:
        """Return `work(till)`; nobody else can use the till meanwhile."""
        with self._lock:
            return work(self)
