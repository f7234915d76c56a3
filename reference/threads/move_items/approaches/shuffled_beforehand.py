"""No lock: of a shuffled list the last item is a random one, and `pop()` is one step."""

import random
from threading import Thread


def move_all(source, target, carry, workers):
    random.shuffle(source)

    def work():
        while True:
            try:
                item = source.pop()
            except IndexError:
                return
            carry(item)
            target.append(item)

    threads = [Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
