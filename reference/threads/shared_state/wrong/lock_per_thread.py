"""Every thread has a lock of its own, which keeps nobody out."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    threads = [threading.Thread(target=walk, args=(coins, jar)) for coins in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def walk(coins, jar):
    global coins_dropped
    lock = threading.Lock()
    for giver, coin in coins:
        with lock:
            if giver not in jar:
                jar[giver] = []
            jar[giver].append(coin)
            coins_dropped += 1
