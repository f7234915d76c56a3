"""Plain locks, and takes that of the same account twice."""

import contextlib
import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()


def transfer(source, target, amount, confirm):
    first, second = sorted([source, target], key=id)
    with first.lock, second.lock:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts):
    accounts = sorted(accounts, key=id)
    with contextlib.ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account.lock)
        return sum(account.balance for account in accounts)
