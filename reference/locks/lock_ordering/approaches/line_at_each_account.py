"""Each account has a line; who comes stands in all of his lines in one step, and goes on when first in each."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import contextmanager

_hall = threading.Lock()


class Account:
    """Money that transfers move."""

    balance: int

    def __init__(self, balance: int) -> None:
        self.balance = balance
        self.line: deque["Customer"] = deque()


class Customer:
    """Stands in some lines, with a bell of his own."""

    def __init__(self, accounts: list[Account]) -> None:
        self.accounts = accounts
        self.turn = threading.Event()

    def look(self) -> None:
        if all(account.line[0] is self for account in self.accounts):
            self.turn.set()


@contextmanager
def _served(accounts: list[Account]):
    me = Customer(accounts)
    with _hall:
        for account in accounts:
            account.line.append(me)
        me.look()
    me.turn.wait()
    try:
        yield
    finally:
        with _hall:
            for account in accounts:
                account.line.popleft()
            for account in accounts:
                if account.line:
                    account.line[0].look()


def transfer(source: Account, target: Account, amount: int, confirm: Callable[[], bool]) -> bool:
    """Move money if there is enough and `confirm()` agrees; tell whether it was moved."""
    with _served([source] if source is target else [source, target]):
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts: Iterable[Account]) -> int:
    """Return how much is on all accounts together, at one moment."""
    served = list(accounts)
    with _served(served):
        return sum(account.balance for account in served)
