"""Each baker has a row of his own on the shelf; who buys takes from the first row that holds something."""

import threading


def run_bakery(bakers, customers, eat, shelf):
    room, there = threading.Semaphore(shelf), threading.Semaphore(0)
    rows, hand = [[] for _ in bakers], threading.Lock()

    def bake(oven, row):
        for bun in oven:
            room.acquire()
            row.append(bun)
            there.release()

    def buy():
        while there.acquire():
            with hand:
                full = [row for row in rows if row]
                if not full:
                    return
                bun = full[0].pop(0)
            room.release()
            eat(bun)

    eating = [threading.Thread(target=buy) for _ in range(customers)]
    baking = [threading.Thread(target=bake, args=each) for each in zip(bakers, rows)]
    for thread in eating + baking:
        thread.start()
    for thread in baking:
        thread.join()
    there.release(customers)
    for thread in eating:
        thread.join()
