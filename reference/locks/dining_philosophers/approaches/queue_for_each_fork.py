"""A queue for each fork; one joins both in one step, and whoever is first in both eats."""

import threading
from collections import deque


class Table:
    def __init__(self, seats):
        self.seats = seats
        self.lock = threading.Lock()
        self.forks = [deque() for _ in range(seats)]
        self.calls = [threading.Semaphore(0) for _ in range(seats)]

    def queues(self, seat):
        return self.forks[seat], self.forks[(seat + 1) % self.seats]

    def call_if_first(self, seat):
        if all(queue[0] == seat for queue in self.queues(seat)):
            self.calls[seat].release()

    def take(self, seat):
        with self.lock:
            for queue in self.queues(seat):
                queue.append(seat)
            self.call_if_first(seat)
        self.calls[seat].acquire()

    def put_down(self, seat):
        with self.lock:
            following = set()
            for queue in self.queues(seat):
                queue.popleft()
                following.update(list(queue)[:1])
            for other in following:
                self.call_if_first(other)


def dine(seats, rounds, think, eat):
    table = Table(seats)

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            table.take(seat)
            eat(seat)
            table.put_down(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
