"""Takes the item out only when it has arrived."""

import random
import threading


def move_all(source, target, carry, workers):
    def work():
        while source:
            item = random.choice(source)
            carry(item)
            if item in source:
                source.remove(item)
                target.append(item)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
