"""Forgets that the table is round: one fork too many."""

import threading


def dine(seats, rounds, think, eat):
    forks = [threading.Lock() for _ in range(seats + 1)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with forks[seat], forks[seat + 1]:
                eat(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
