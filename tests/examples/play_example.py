import threading

import pytest


class Account:
    def __init__(self, balance):
        self.balance = balance

    def withdraw(self, amount):
        if self.balance >= amount:
            rest = self.balance - amount
            self.balance = rest


def two_withdrawals():
    account = Account(100)
    threads = [threading.Thread(target=account.withdraw, args=(70,), name=n) for n in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert account.balance in (30, 100 - 2 * 70), f"70 twice, and {account.balance} is left"
    return account.balance


def test_by_hand(race):
    played = race.play(
        two_withdrawals,
        [
            "A: until withdraw:13",  # A has made sure that there is enough, and stops before line 13
            "B: to the end",  # B withdraws meanwhile
            "A: to the end",  # A writes what it had worked out before
        ],
    )
    assert played.value == 30  # both got their 70
    assert "write balance = 30" in str(played)  # the interleaving, one column for each thread


def test_does_it_break(race):
    played = race.play(two_withdrawals, ["A: until write balance", "B: to the end"], check=False)
    assert not played.failed


def test_a_step_that_cannot_happen(race):
    with pytest.raises(ValueError, match="A ended without coming to withdraw:99"):
        race.play(two_withdrawals, ["A: until withdraw:99"])
