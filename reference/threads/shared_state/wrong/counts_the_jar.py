"""Sets the number to what is in this jar, and forgets the earlier calls."""

import threading

coins_dropped = 0


def collect(rounds, jar):
    global coins_dropped
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
