"""The bakery: the worked solution.

The bounded queue does all the waiting: `put` stops a baker while the shelf is full, `get` stops a
customer while it is empty. The end is said in the queue itself, so that it comes behind the last bun:
only when all bakers have been joined, one mark for each customer. The mark is an object that nobody
else has, compared by `is`, so that no bun can be mistaken for it.
"""

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
