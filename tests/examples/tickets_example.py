import threading
import time

import pytest


class Tickets:
    def __init__(self, left):
        self.left = left
        self.sold = 0

    def sell(self):
        if self.left > 0:
            time.sleep(0.1)  # prints one
            self.left -= 1
            self.sold += 1


@pytest.mark.race(patched="gevent")
def test_no_ticket_is_sold_twice():
    tickets = Tickets(left=1)
    sellers = [threading.Thread(target=tickets.sell, name=name) for name in ("Ann", "Ben")]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()
    assert tickets.sold == 1
