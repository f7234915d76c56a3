"""Counts the items, and removes one of as many: two steps."""

import random
import threading


def move_all(source, target, carry, workers):
    def work():
        while True:
            try:
                item = source.pop(random.randrange(len(source)))
            except ValueError:
                return
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
