"""Has no locks at all."""

import itertools

numbers = itertools.count()


def number(account):
    return account.number


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.number = next(numbers)


def transfer(source, target, amount, confirm):
    if source.balance < amount or not confirm():
        return False
    source.balance -= amount
    target.balance += amount
    return True


def total(accounts):
    return sum(account.balance for account in accounts)
