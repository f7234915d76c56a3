"""Makes two forks for each philosopher."""

import threading


def dine(seats, rounds, think, eat):

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            left, right = threading.Lock(), threading.Lock()
            with left, right:
                eat(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
