"""Puts the first fork back if the second is not free, and tries again a little later."""

import threading
import time


def dine(seats, rounds, think, eat):
    forks = [threading.Lock() for _ in range(seats)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            left, right = forks[(seat + 1) % seats], forks[seat]
            while True:
                left.acquire()
                if right.acquire(blocking=False):
                    break
                left.release()
                time.sleep(0.4)
            eat(seat)
            left.release()
            right.release()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
