"""Reads the list, makes a longer one, writes it: two visits to the jar."""

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
        jar[giver] = jar.get(giver, []) + [coin]
        with lock:
            coins_dropped += 1
