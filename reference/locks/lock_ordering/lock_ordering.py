"""Two accounts, two locks: the worked solution.

Each account gets a number when it is made, which never changes and which no other account has.
Whoever needs several accounts takes their locks in the order of the numbers. A circle would need
somebody who holds a higher one and waits for a lower one, and there is nobody like that. Everything is
done while all the locks are held, so money is never seen on its way; `held` releases them on every
way out. `dict.fromkeys` drops an account that comes twice.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator

numbers = itertools.count()


class Account:
    """Money that transfers move."""

    def __init__(self, balance: int) -> None:
        """Begin with this much."""
        self.balance = balance
        self.number = next(numbers)
        self.lock = threading.Lock()


@contextlib.contextmanager
def held(accounts: Iterable[Account]) -> Iterator[None]:
    """Hold all these accounts, each once, taken in the order of their numbers."""
    with contextlib.ExitStack() as stack:
        for account in sorted(dict.fromkeys(accounts), key=lambda account: account.number):
            stack.enter_context(account.lock)
        yield


def transfer(source: Account, target: Account, amount: int, confirm: Callable[[], bool]) -> bool:
    """Move money if there is enough and `confirm()` agrees; tell whether it was moved."""
    with held([source, target]):
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts: Iterable[Account]) -> int:
    """Return how much is on all accounts together, at one moment."""
    wanted = list(accounts)
    with held(wanted):
        return sum(account.balance for account in wanted)
