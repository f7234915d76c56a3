"""Asks how many lie there, and puts when it was less than the size."""

import queue
import threading
import time
from collections.abc import Callable, Iterable

Bun = object
CLOSED = object()


def run_bakery(bakers: list[Iterable[Bun]], customers: int, eat: Callable[[Bun], object], shelf: int) -> None:
    """Let threads bake and eat at a shelf of limited size; return when all is eaten."""
    buns: queue.Queue[Bun] = queue.Queue()

    def bake(oven: Iterable[Bun]) -> None:
        for bun in oven:
            while buns.qsize() >= shelf:
                time.sleep(0.5)
            buns.put(bun)

    def buy() -> None:
        while (bun := buns.get()) is not CLOSED:
            eat(bun)

    baking = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    eating = [threading.Thread(target=buy) for _ in range(customers)]
    for thread in baking + eating:
        thread.start()
    for thread in baking:
        thread.join()
    for _ in eating:
        buns.put(CLOSED)
    for thread in eating:
        thread.join()
