"""A class keeps the lock beside the jar that it guards; the number has a lock of its own."""

import threading

coins_dropped = 0
counting = threading.RLock()


class Jar:
    def __init__(self, coins):
        self.coins = coins
        self.guard = threading.Condition()

    def drop(self, giver, coin):
        global coins_dropped
        with self.guard:
            if giver not in self.coins:
                self.coins[giver] = []
            self.coins[giver] += [coin]
        with counting:
            coins_dropped = coins_dropped + 1


def collect(rounds, jar):
    guarded = Jar(jar)

    def walk(coins):
        for giver, coin in coins:
            guarded.drop(giver, coin)

    threads = [threading.Thread(target=walk, args=(coins,)) for coins in rounds]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
