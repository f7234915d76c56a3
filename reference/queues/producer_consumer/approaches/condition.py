"""Without `queue`: a deque and two conditions at one lock; the last baker says that it is over."""

import threading
from collections import deque


class Shelf:
    def __init__(self, size, bakers):
        self.size = size
        self.bakers = bakers
        self.buns = deque()
        self.lock = threading.Lock()
        self.room = threading.Condition(self.lock)
        self.news = threading.Condition(self.lock)

    def put(self, bun):
        with self.room:
            while len(self.buns) == self.size:
                self.room.wait()
            self.buns.append(bun)
            self.news.notify()

    def go_home(self):
        with self.lock:
            self.bakers -= 1
            if not self.bakers:
                self.news.notify_all()

    def __iter__(self):
        while True:
            with self.news:
                self.news.wait_for(lambda: self.buns or not self.bakers)
                if not self.buns:
                    return
                bun = self.buns.popleft()
                self.room.notify()
            yield bun


def run_bakery(bakers, customers, eat, shelf):
    between = Shelf(shelf, len(bakers))

    def bake(oven):
        for bun in oven:
            between.put(bun)
        between.go_home()

    def buy():
        for bun in between:
            eat(bun)

    threads = [threading.Thread(target=bake, args=(oven,)) for oven in bakers]
    threads += [threading.Thread(target=buy) for _ in range(customers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
