"""One lock for all accounts."""

import itertools
import threading

numbers = itertools.count()


def number(account):
    return account.number


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.number = next(numbers)


BANK = threading.Lock()


def transfer(source, target, amount, confirm):
    with BANK:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts):
    with BANK:
        return sum(account.balance for account in accounts)
