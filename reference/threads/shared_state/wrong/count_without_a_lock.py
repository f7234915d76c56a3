"""Counts outside the lock, as += looks like one step."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    threads = [threading.Thread(target=walk, args=(coins, jar, lock)) for coins in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
        coins_dropped += 1
