"""Shared state: the worked solution.

Every thread reaches the same dictionary and the same global, because an argument is not copied and
a module exists once. What has to happen in one go stands inside `with`, and all threads take the
same lock, made once before they start. The lock is held for one coin only: while a collector waits
at a door, which happens in the `for`, nobody else has to wait. When `join` has returned for all,
every coin is in the jar, and no lock is needed to look.
"""

import threading
from collections.abc import Iterable

Coin = tuple[str, int]

coins_dropped = 0
"""How many coins were ever dropped, in all calls of `collect` together."""


def collect(rounds: list[Iterable[Coin]], jar: dict[str, list[int]]) -> None:
    """Walk every round in a thread of its own, and return when all coins are in the jar."""
    lock = threading.Lock()
    threads = [threading.Thread(target=walk, args=(each, jar, lock)) for each in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def walk(coins: Iterable[Coin], jar: dict[str, list[int]], lock: threading.Lock) -> None:
    """Walk one round and drop its coins."""
    global coins_dropped
    for giver, coin in coins:
        with lock:
            jar.setdefault(giver, []).append(coin)
            coins_dropped += 1
