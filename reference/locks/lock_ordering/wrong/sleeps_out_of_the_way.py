"""Source first, and sleeps a random while before, so that the others are not at it at the same time."""

import contextlib
import itertools
import random
import threading
import time

numbers = itertools.count()


def number(account):
    return account.number


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.number = next(numbers)
        self.lock = threading.RLock()


def transfer(source, target, amount, confirm):
    time.sleep(random.random() / 1000)
    with source.lock, target.lock:
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
