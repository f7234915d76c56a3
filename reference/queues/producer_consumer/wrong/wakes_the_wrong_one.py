"""One condition for all, and one of those who wait is woken."""

import threading
from collections import deque

CLOSED = object()


def run_bakery(bakers, customers, eat, shelf):
    buns = deque()
    changed = threading.Condition()

    def put(bun):
        with changed:
            while len(buns) == shelf:
                changed.wait()
            buns.append(bun)
            changed.notify()

    def get():
        with changed:
            while not buns:
                changed.wait()
            changed.notify()
            return buns.popleft()

    def bake(oven):
        for bun in oven:
            put(bun)

    def buy():
        while (bun := get()) is not CLOSED:
            eat(bun)

    baking = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    eating = [threading.Thread(target=buy) for _ in range(customers)]
    for thread in baking + eating:
        thread.start()
    for thread in baking:
        thread.join()
    for _ in eating:
        put(CLOSED)
    for thread in eating:
        thread.join()
