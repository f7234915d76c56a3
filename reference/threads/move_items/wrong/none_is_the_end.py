"""Takes None for the end, though it may be an item."""

import random
import threading


def move_all(source, target, carry, workers):
    lock = threading.Lock()

    def take():
        with lock:
            return source.pop(random.randrange(len(source))) if source else None

    def work():
        while (item := take()) is not None:
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
