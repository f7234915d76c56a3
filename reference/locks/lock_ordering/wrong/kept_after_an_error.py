"""Releases at the end, where an exception never comes by."""

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
    first, second = sorted([source, target], key=number)
    first.lock.acquire()
    second.lock.acquire()
    done = source.balance >= amount and confirm()
    if done:
        source.balance -= amount
        target.balance += amount
    second.lock.release()
    first.lock.release()
    return done


def total(accounts):
    accounts = sorted(accounts, key=number)
    with contextlib.ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account.lock)
        return sum(account.balance for account in accounts)
