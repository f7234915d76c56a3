"""One Condition guards the set of accounts in use; whoever needs several takes all or none."""

import contextlib
import threading

in_use = set()
given_back = threading.Condition()


class Account:
    def __init__(self, balance):
        self.balance = balance


@contextlib.contextmanager
def alone_with(*accounts):
    with given_back:
        given_back.wait_for(lambda: not in_use & set(accounts))
        in_use.update(accounts)
    try:
        yield
    finally:
        with given_back:
            in_use.difference_update(accounts)
            given_back.notify_all()


def transfer(source, target, amount, confirm):
    with alone_with(source, target):
        if source.balance >= amount and confirm():
            source.balance -= amount
            target.balance += amount
            return True
    return False


def total(accounts):
    wanted = list(accounts)
    with alone_with(*wanted):
        return sum(account.balance for account in wanted)
