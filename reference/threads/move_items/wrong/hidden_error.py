"""Ignores that the item was gone, and carries it all the same."""

import random
import threading


def move_all(source, target, carry, workers):
    def work():
        while source:
            try:
                item = random.choice(source)
            except IndexError:
                return
            try:
                source.remove(item)
            except ValueError:
                pass
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
