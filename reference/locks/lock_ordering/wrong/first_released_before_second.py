"""Releases the first lock before it takes the second: no circle is possible, and no transfer."""

import contextlib
import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.RLock()


def transfer(source, target, amount, confirm):
    with source.lock:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
    with target.lock:
        target.balance += amount
    return True


def total(accounts):
    accounts = sorted(accounts, key=id)
    with contextlib.ExitStack() as stack:
        for account in accounts:
            stack.enter_context(account.lock)
        return sum(account.balance for account in accounts)
