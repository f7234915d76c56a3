"""Returns when source is empty, although the last items are still on their way."""

import random
import threading
import time


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
    while source:
        time.sleep(0.1)
