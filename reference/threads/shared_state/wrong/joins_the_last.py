"""Joins only the thread that was started last."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    thread = threading.current_thread()
    for coins in rounds:
        thread = threading.Thread(target=walk, args=(coins, jar, lock))
        thread.start()
    if rounds:
        thread.join()


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
