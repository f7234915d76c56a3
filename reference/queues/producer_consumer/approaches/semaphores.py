"""Two semaphores and a deque; the end is one more thing that can be taken."""

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

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

    with ThreadPoolExecutor(customers) as eating:
        for _ in range(customers):
            eating.submit(buy)
        if bakers:
            with ThreadPoolExecutor(len(bakers)) as baking:
                for oven in bakers:
                    baking.submit(bake, oven)
        for _ in range(customers):
            buns.append(OVER)
            there.release()
