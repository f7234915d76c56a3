"""Chooses an item and removes it: two steps."""

import random
import threading


def move_all(source, target, carry, workers):
    def work():
        while source:
            item = random.choice(source)
            source.remove(item)
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
