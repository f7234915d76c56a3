"""Wakes one of those who wait, perhaps one who has to wait on."""

import threading


def dine(seats, rounds, think, eat):
    table = threading.Condition()
    hungry, eating = [], set()

    def may_eat(seat):
        before = hungry[: hungry.index(seat)]
        return not {(seat - 1) % seats, (seat + 1) % seats} & eating.union(before)

    def sit(seat):
        for _ in range(rounds):
            think(seat)
            with table:
                hungry.append(seat)
                table.wait_for(lambda: may_eat(seat))
                hungry.remove(seat)
                eating.add(seat)
            eat(seat)
            with table:
                eating.remove(seat)
                table.notify()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
