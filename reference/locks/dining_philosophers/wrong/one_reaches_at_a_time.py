"""A waiter lets one at a time reach for the forks, however long it takes him to get them."""

import threading


def dine(seats, rounds, think, eat):
    waiter = threading.Lock()
    forks = [threading.Lock() for _ in range(seats)]

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with waiter:
                forks[seat].acquire()
                forks[(seat + 1) % seats].acquire()
            eat(seat)
            forks[seat].release()
            forks[(seat + 1) % seats].release()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
