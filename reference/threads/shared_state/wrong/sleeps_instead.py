"""Sleeps instead of joining."""

import threading
import time

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    for coins in rounds:
        threading.Thread(target=walk, args=(coins, jar, lock)).start()
    time.sleep(5)


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
