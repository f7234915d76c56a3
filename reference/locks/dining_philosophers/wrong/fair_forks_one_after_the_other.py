"""Each fork serves in the order of arrival, and the lower one is taken first."""

import threading
from collections import deque
from collections.abc import Callable


class Fork:
    """A lock that serves in the order of arrival."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken = False
        self.queue: deque[threading.Event] = deque()

    def take(self) -> None:
        with self.lock:
            if not self.taken:
                self.taken = True
                return
            mine = threading.Event()
            self.queue.append(mine)
        mine.wait()

    def put_down(self) -> None:
        with self.lock:
            if self.queue:
                self.queue.popleft().set()
            else:
                self.taken = False


def dine(seats: int, rounds: int, think: Callable[[int], object], eat: Callable[[int], object]) -> None:
    """Let all philosophers think and eat `rounds` times; neighbours never eat at the same time."""
    forks = [Fork() for _ in range(seats)]

    def philosopher(seat: int) -> None:
        lower, higher = sorted((seat, (seat + 1) % seats))
        for _ in range(rounds):
            think(seat)
            forks[lower].take()
            forks[higher].take()
            eat(seat)
            forks[higher].put_down()
            forks[lower].put_down()

    threads = [threading.Thread(target=philosopher, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
