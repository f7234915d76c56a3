"""Takes the lower fork first: no circle, but a lock promises no order."""

import threading


def dine(seats, rounds, think, eat):
    forks = [threading.Lock() for _ in range(seats)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            lower, higher = sorted([seat, (seat + 1) % seats])
            with forks[lower], forks[higher]:
                eat(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
