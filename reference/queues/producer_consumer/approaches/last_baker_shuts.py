"""One condition and the number of those who still bake; no marks, and every change is told to all."""

import threading
from collections import deque


def run_bakery(bakers, customers, eat, shelf):
    buns, changed, baking = deque(), threading.Condition(), len(bakers)

    def bake(oven):
        nonlocal baking
        for bun in oven:
            with changed:
                changed.wait_for(lambda: len(buns) < shelf)
                buns.append(bun)
                changed.notify_all()
        with changed:
            baking -= 1
            changed.notify_all()

    def buy():
        while True:
            with changed:
                changed.wait_for(lambda: buns or not baking)
                if not buns:
                    return
                bun = buns.popleft()
                changed.notify_all()
            eat(bun)

    threads = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    threads += [threading.Thread(target=buy) for _ in range(customers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
