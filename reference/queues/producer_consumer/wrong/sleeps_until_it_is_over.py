"""Sleeps for a while instead of waiting for the customers."""

import queue
import threading
import time
from collections.abc import Callable, Iterable

Bun = object
CLOSED = object()


def run_bakery(bakers: list[Iterable[Bun]], customers: int, eat: Callable[[Bun], object], shelf: int) -> None:
    """Let threads bake and eat at a shelf of limited size; return when all is eaten."""
    buns: queue.Queue[Bun] = queue.Queue(shelf)

    def bake(oven: Iterable[Bun]) -> None:
        for bun in oven:
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
    time.sleep(2)
