"""Check, then act: the worked solution.

As long as the lock is held, nobody else can change what was checked. So the check and the act that
it allows stand in one `with`, and the early `return` of a refusal, too. The handing out needs no lock:
the money is off the balance, nobody can take it twice. Files are known to everybody by their path,
so their lock belongs to the module, one for all: a sale is short. Who only looks takes it as well,
since a file is empty for a moment while it is written.
"""

import json
import threading
from collections.abc import Callable
from os import PathLike
from pathlib import Path

office = threading.Lock()


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


def sell(path: str | PathLike[str]) -> bool:
    """Take one ticket off the number in the file, if one is left; tell whether."""
    with office:
        content = json.loads(Path(path).read_text())
        if content["left"] < 1:
            return False
        content["left"] -= 1
        Path(path).write_text(json.dumps(content))
        return True


def left(path: str | PathLike[str]) -> int:
    """Return the number in the file."""
    with office:
        return json.loads(Path(path).read_text())["left"]
