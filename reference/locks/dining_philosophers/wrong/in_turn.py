"""Sends each philosopher to the table when the one before has gone home."""

import threading


def dine(seats, rounds, think, eat):
    def sit(seat):
        for _ in range(rounds):
            think(seat)
            eat(seat)

    for seat in range(seats):
        thread = threading.Thread(target=sit, args=(seat,))
        thread.start()
        thread.join()
