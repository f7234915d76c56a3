"""A ring of places, and two conditions at one lock."""

import threading


def run_bakery(bakers, customers, eat, shelf):
    places = [None] * shelf
    first = count = 0
    at_work = len(bakers)
    lock = threading.Lock()
    room, there = threading.Condition(lock), threading.Condition(lock)

    def bake(oven):
        nonlocal at_work, count
        for bun in oven:
            with lock:
                while count >= shelf:
                    room.wait()
                places[(first + count) % shelf] = bun
                count += 1
                there.notify()
        with lock:
            at_work -= 1
            if not at_work:
                there.notify_all()

    def take():
        nonlocal first, count
        with lock:
            while not count and at_work:
                there.wait()
            if not count:
                return []
            room.notify()
            bun = places[first]
            places[first] = None
            first = (first + 1) % shelf
            count -= 1
            return [bun]

    def consume():
        while taken := take():
            eat(taken[0])

    threads = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    threads += [threading.Thread(target=consume) for _ in range(customers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
