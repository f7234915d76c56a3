"""Puts the item into the target before it is there."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not source:
                    return
                item = source.pop(random.randrange(len(source)))
                target.append(item)
            carry(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
