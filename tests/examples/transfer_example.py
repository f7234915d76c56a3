import threading

import pytest


class Account:
    def __init__(self, balance):
        self.balance, self.lock = balance, threading.Lock()


def transfer(source, target, amount):
    with source.lock:
        with target.lock:
            source.balance -= amount
            target.balance += amount


@pytest.mark.race  # the whole test is the scenario
def test_transfer_both_ways():
    ann, bob = Account(100), Account(100)
    back = threading.Thread(target=transfer, args=(bob, ann, 20))
    back.start()
    transfer(ann, bob, 10)
    back.join()
    assert ann.balance + bob.balance == 200
