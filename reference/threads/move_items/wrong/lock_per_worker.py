"""Each worker has a lock of its own, which keeps nobody out."""

import random
import threading


def move_all(source, target, carry, workers):
    def work():
        lock = threading.Lock()
        while True:
            with lock:
                if not source:
                    return
                item = random.choice(source)
                source.remove(item)
            carry(item)
            target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
