"""Locks the choice, and locks the removal, but not both together."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not source:
                    return
                item = random.choice(source)
            with lock:
                source.remove(item)
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
