"""A room with a place for everybody, which keeps nobody out."""

import threading


def dine(seats, rounds, think, eat):
    room = threading.Semaphore(seats)
    forks = [threading.Lock() for _ in range(seats)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with room, forks[seat], forks[(seat + 1) % seats]:
                eat(seat)

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
