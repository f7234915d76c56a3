"""Takes only the lock of the account that money is taken from."""

import contextlib
import itertools
import threading

numbers = itertools.count()


def number(account):
    return account.number


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.number = next(numbers)
        self.lock = threading.RLock()


def transfer(source, target, amount, confirm):
    with source.lock:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts):
    accounts = sorted(accounts, key=number)
    with contextlib.ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account.lock)
        return sum(account.balance for account in accounts)
