"""Adds up without any lock, as it changes nothing."""

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
    first, second = sorted([source, target], key=number)
    with first.lock, second.lock:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts):
    return sum(account.balance for account in accounts)
