"""Telephones first, and takes the locks only to move the money."""

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
    if source.balance < amount or not confirm():
        return False
    first, second = sorted([source, target], key=number)
    with first.lock, second.lock:
        if source.balance < amount:
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
