"""Each collector has a small jar; they are emptied into the big one when everybody is back."""

import threading
from collections import defaultdict

coins_dropped = 0


class Collector(threading.Thread):
    def __init__(self, coins):
        super().__init__()
        self.coins = coins
        self.small = defaultdict(list)

    def run(self):
        for giver, coin in self.coins:
            self.small[giver].append(coin)


def collect(rounds, jar):
    global coins_dropped
    collectors = [Collector(coins) for coins in rounds]
    for collector in collectors:
        collector.start()
    for collector in collectors:
        collector.join()
        for giver, coins in collector.small.items():
            jar.setdefault(giver, []).extend(coins)
            coins_dropped += len(coins)
