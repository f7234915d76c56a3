"""Starts a thread for each item and does not care how many workers there are."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def work():
        with lock:
            item = source.pop(random.randrange(len(source)))
        carry(item)
        target.append(item)

    threads = [threading.Thread(target=work) for _ in range(len(source))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
