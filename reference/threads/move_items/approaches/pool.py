"""A pool of threads, one job for each item; the jobs choose their items under a lock."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor


class Mover:
    def __init__(self, source, target, carry):
        self.source, self.target, self.carry = source, target, carry
        self.lock = threading.RLock()

    def take(self):
        with self.lock:
            return self.source.pop(random.randrange(len(self.source)))

    def move_one(self, _):
        item = self.take()
        self.carry(item)
        with self.lock:
            self.target.append(item)


def move_all(source, target, carry, workers):
    mover = Mover(source, target, carry)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(mover.move_one, range(len(source))))
