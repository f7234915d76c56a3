"""Chandy and Misra: a dirty fork is given to whom wants it, a clean one is kept until its owner has eaten."""

import threading
from collections.abc import Callable


class Fork:
    """Shared by two seats."""

    def __init__(self, users: tuple[int, int]) -> None:
        self.users = users
        self.owner = min(users)
        self.dirty = True


def dine(seats: int, rounds: int, think: Callable[[int], object], eat: Callable[[int], object]) -> None:
    """Let all philosophers think and eat `rounds` times; neighbours never eat at the same time."""
    forks = [Fork((seat, (seat + 1) % seats)) for seat in range(seats)]
    table = threading.Condition()
    eating = [False] * seats
    hungry = [False] * seats

    def philosopher(seat: int) -> None:
        mine = [fork for fork in forks if seat in fork.users]

        def wanted(fork: Fork) -> bool:
            return any(hungry[user] for user in fork.users if user != seat)

        def collect() -> bool:
            for fork in mine:
                if fork.owner != seat and fork.dirty and not eating[fork.owner]:
                    fork.owner = seat
                    fork.dirty = False
            return all(fork.owner == seat and not (fork.dirty and wanted(fork)) for fork in mine)

        for _ in range(rounds):
            think(seat)
            with table:
                hungry[seat] = True
                table.wait_for(collect)
                hungry[seat] = False
                eating[seat] = True
            eat(seat)
            with table:
                eating[seat] = False
                for fork in mine:
                    fork.dirty = True
                table.notify_all()

    threads = [threading.Thread(target=philosopher, args=(seat,)) for seat in range(seats)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
