"""Waits for nobody."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    for coins in rounds:
        threading.Thread(target=walk, args=(coins, jar, lock)).start()


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
