"""Joins each thread before the next is started."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    for coins in rounds:
        thread = threading.Thread(target=walk, args=(coins, jar, lock))
        thread.start()
        thread.join()


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
