"""Looks whether the giver is there, and then acts: two steps."""

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
        if giver not in jar:
            jar[giver] = []
        with lock:
            jar[giver].append(coin)
            coins_dropped += 1
