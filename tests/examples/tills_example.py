import threading

import pytest


class Shop:
    def __init__(self):
        self.lock = threading.Lock()
        self.takings = 0

    def sell(self, prices):
        for price in prices:
            with self.lock:
                self.takings += price


@pytest.mark.race(shards=8, strategy="dpor", schedules=10_000, require="proved")
def test_nothing_is_lost_at_three_tills():
    shop = Shop()
    tills = [threading.Thread(target=shop.sell, args=([2, 3],)) for _ in range(3)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    assert shop.takings == 15
