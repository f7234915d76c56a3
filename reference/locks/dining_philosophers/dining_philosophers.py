"""Dining philosophers: the worked solution.

Nobody ever holds one fork. Both are taken in one step, under the lock of the condition, when no
neighbour eats and no neighbour has been hungry for longer; so no circle can begin: who has been
hungry longest waits only for people who eat. The list of the hungry makes it fair, as nobody
overtakes a neighbour who came before. Only neighbours look at each other, and the lock is held
neither for eating nor for thinking, so the table is used as well as it can be.
"""

import threading
from collections.abc import Callable


def dine(seats: int, rounds: int, think: Callable[[int], object], eat: Callable[[int], object]) -> None:
    """Let all philosophers think and eat `rounds` times; neighbours never eat at the same time."""
    table = threading.Condition()
    hungry: list[int] = []  # whoever came first stands first
    eating: set[int] = set()

    def may_eat(seat: int) -> bool:
        before = hungry[: hungry.index(seat)]
        return not {(seat - 1) % seats, (seat + 1) % seats} & eating.union(before)

    def sit(seat: int) -> None:
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
                table.notify_all()

    threads = [threading.Thread(target=sit, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
