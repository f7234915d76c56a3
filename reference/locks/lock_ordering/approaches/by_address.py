"""RLocks, ordered by the address of the account; an account to itself takes its lock twice."""

from contextlib import ExitStack
from threading import RLock


class Account:
    def __init__(self, balance):
        self.balance = balance
        self._guard = RLock()


def transfer(source, target, amount, confirm):
    first, second = (source, target) if id(source) < id(target) else (target, source)
    with first._guard, second._guard:
        enough = source.balance >= amount
        if not enough or not confirm():
            return False
        source.balance = source.balance - amount
        target.balance = target.balance + amount
    return True


def total(accounts):
    accounts = sorted(accounts, key=id)
    with ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account._guard)
        return sum(account.balance for account in accounts)
