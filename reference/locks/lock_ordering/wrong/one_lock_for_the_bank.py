"""One lock for all accounts."""

import threading


class Account:
    def __init__(self, balance):
        self.balance = balance


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
