"""Check, then act: the worked solution.

As long as the lock is held, nobody else can change what was checked. So the check and the act that
it allows stand in one `with`, and the early `return` of a refusal, too. The handing out needs no lock:
the money is off the balance, nobody can take it twice. With a file it is the same: from the reading to
the writing nobody else gets in. Who only looks takes the lock as well, since a file is empty for a
moment while it is written.
"""

import json
import threading
from collections.abc import Callable
from os import PathLike

import slow_disk


class Account:
    """Money that several machines pay out."""

    def __init__(self, balance: int) -> None:
        """Begin with this much."""
        self.balance = balance
        self._lock = threading.Lock()

    def withdraw(self, amount: int, hand_out: Callable[[int], object]) -> bool:
        """Take the amount off and call `hand_out(amount)`, if there is enough; tell whether."""
        with self._lock:
            if self.balance < amount:
                return False
            self.balance -= amount
        hand_out(amount)
        return True


class BoxOffice:
    """Tickets, whose number is in a file."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Sell from this file; nothing is read yet."""
        self._path = path
        self._lock = threading.Lock()

    def sell(self) -> bool:
        """Take one ticket off the number in the file, if one is left; tell whether."""
        with self._lock:
            content = json.loads(slow_disk.read(self._path))
            if content["left"] < 1:
                return False
            content["left"] -= 1
            slow_disk.write(self._path, json.dumps(content))
            return True

    def left(self) -> int:
        """Return the number in the file."""
        with self._lock:
            return json.loads(slow_disk.read(self._path))["left"]
