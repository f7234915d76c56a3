"""Takes and releases one lock after the other while it adds up."""

import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.RLock()


def transfer(source, target, amount, confirm):
    first, second = sorted([source, target], key=id)
    with first.lock, second.lock:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True


def total(accounts):
    found = 0
    for account in accounts:
        with account.lock:
            found += account.balance
    return found
