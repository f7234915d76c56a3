"""Makes a new list and gives it the name of the target."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def work():
        nonlocal target
        while True:
            with lock:
                if not source:
                    return
                item = source.pop(random.randrange(len(source)))
            carry(item)
            target = [*target, item]

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
