"""Waits for nobody."""

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
            carry(item)
            target.append(item)

    for _ in range(workers):
        threading.Thread(target=work).start()
