"""Eats as soon as neither neighbour eats, whoever came first."""

import threading


def dine(seats, rounds, think, eat):
    table = threading.Condition()
    eating = set()

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            around = {(seat - 1) % seats, (seat + 1) % seats}
            with table:
                table.wait_for(lambda: not around & eating)
                eating.add(seat)
            eat(seat)
            with table:
                eating.remove(seat)
                table.notify_all()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
