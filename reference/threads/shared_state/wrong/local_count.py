"""Assigns to a local variable that happens to have the name of the global."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    threads = [threading.Thread(target=walk, args=(coins, jar, lock)) for coins in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    coins_dropped = sum(map(len, jar.values()))


def walk(coins, jar, lock):
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
