"""The function made in the loop looks up the round when it runs."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    lock = threading.Lock()
    threads = []
    for coins in rounds:
        thread = threading.Thread(target=lambda: walk(coins, jar, lock))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()


def walk(coins, jar, lock):
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
