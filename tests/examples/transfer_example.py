import asyncio

import pytest


class Bank:
    def __init__(self):
        self.ann, self.ben = 50, 50


async def transfer(bank, amount):
    bank.ann -= amount
    await asyncio.sleep(1)  # asks Ben's bank
    bank.ben += amount


@pytest.mark.race(cancel_points="fail")
async def test_no_money_is_lost():
    bank = Bank()
    await asyncio.wait([asyncio.create_task(transfer(bank, 20), name="Ann")])
    assert bank.ann + bank.ben == 100
