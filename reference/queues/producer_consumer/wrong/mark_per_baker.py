"""Lets each baker put an end mark when he is through."""

import queue
import threading
from collections.abc import Callable, Iterable

Bun = object
CLOSED = object()


def run_bakery(bakers: list[Iterable[Bun]], customers: int, eat: Callable[[Bun], object], shelf: int) -> None:
    """Let threads bake and eat at a shelf of limited size; return when all is eaten."""
    buns: queue.Queue[Bun] = queue.Queue(shelf)

    def bake(oven: Iterable[Bun]) -> None:
        for bun in oven:
            buns.put(bun)
        for _ in range(customers if len(bakers) < 2 else 1):
            buns.put(CLOSED)

    def buy() -> None:
        while (bun := buns.get()) is not CLOSED:
            eat(bun)

    baking = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    eating = [threading.Thread(target=buy) for _ in range(customers)]
    for thread in baking + eating:
        thread.start()
    for thread in baking:
        thread.join()
    for _ in range(customers - len(bakers) if len(bakers) != 1 else 0):
        buns.put(CLOSED)
    for thread in eating:
        thread.join()
