"""No order: whoever does not get the next lock at once gives back what he has, and tries later."""

import random
import threading
import time


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()


def take_all(locks):
    while True:
        taken = []
        for lock in locks:
            # wait for the first one only: who waits has nothing that another could want
            if not lock.acquire(blocking=not taken):
                break
            taken.append(lock)
        else:
            return
        for lock in taken:
            lock.release()
        time.sleep(random.uniform(0.001, 0.01))


def transfer(source, target, amount, confirm):
    if source is target:
        return True
    locks = [source.lock, target.lock]
    take_all(locks)
    try:
        if source.balance < amount or not confirm():
            return False
        source.balance -= amount
        target.balance += amount
        return True
    finally:
        for lock in locks:
            lock.release()


def total(accounts):
    accounts = list(accounts)
    locks = [account.lock for account in accounts]
    take_all(locks)
    try:
        return sum(account.balance for account in accounts)
    finally:
        for lock in locks:
            lock.release()
