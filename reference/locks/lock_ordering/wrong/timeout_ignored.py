"""Waits two seconds for the second lock, and goes on without it."""

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
    source.lock.acquire()
    has_both = target.lock.acquire(timeout=2)
    try:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True
    finally:
        if has_both:
            target.lock.release()
        source.lock.release()


def total(accounts):
    accounts = sorted(accounts, key=number)
    with contextlib.ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account.lock)
        return sum(account.balance for account in accounts)
