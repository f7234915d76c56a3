"""Asks outside the lock whether anything is left."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def work():
        while source:
            with lock:
                item = random.choice(source)
                source.remove(item)
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
