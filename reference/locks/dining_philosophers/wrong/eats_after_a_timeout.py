"""Waits five seconds for the second fork, and eats without it."""

import threading


def dine(seats, rounds, think, eat):
    forks = [threading.Lock() for _ in range(seats)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            left, right = forks[seat], forks[(seat + 1) % seats]
            with left:
                has_both = right.acquire(timeout=5)
                eat(seat)
                if has_both:
                    right.release()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
