"""Two semaphores and a deque; the end is one more thing that can be taken."""

import threading
from collections import deque

OVER = object()


def run_bakery(bakers, customers, eat, shelf):
    room, there, buns = threading.Semaphore(shelf), threading.Semaphore(0), deque()

    def bake(oven):
        for bun in oven:
            room.acquire()
            buns.append(bun)
            there.release()

    def buy():
        while True:
            there.acquire()
            bun = buns.popleft()
            if bun is OVER:
                return
            room.release()
            eat(bun)

    eating = [threading.Thread(target=buy) for _ in range(customers)]
    baking = [threading.Thread(target=bake, args=[oven]) for oven in bakers]
    for thread in eating + baking:
        thread.start()
    for thread in baking:
        thread.join()
    for _ in eating:
        buns.append(OVER)
        there.release()
    for thread in eating:
        thread.join()
