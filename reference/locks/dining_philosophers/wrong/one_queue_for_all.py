"""Whoever came first eats first, at the whole table."""

import threading


def dine(seats, rounds, think, eat):
    table = threading.Condition()
    hungry, eating = [], set()

    def may_eat(seat):
        return hungry[0] == seat and not {(seat - 1) % seats, (seat + 1) % seats} & eating

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with table:
                hungry.append(seat)
                table.wait_for(lambda: may_eat(seat))
                hungry.remove(seat)
                eating.add(seat)
                table.notify_all()
            eat(seat)
            with table:
                eating.remove(seat)
                table.notify_all()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
