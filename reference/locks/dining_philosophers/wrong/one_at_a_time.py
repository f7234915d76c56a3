"""A waiter lets one at a time eat."""

import threading


def dine(seats, rounds, think, eat):
    waiter = threading.Lock()

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with waiter:
                eat(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
