"""The caretaker's round: the worked solution.

`acquire` answers whether the lock is taken; only behind a yes there is something to give back, and
`finally` gives it back on every way out. One deadline is made when the waiting begins, and each
further wait gets what is left of it. Nobody waits with a room in hand: `carry` waits at one door,
tries the other one without waiting, and if that is taken gives the first one back and waits at the
door that was shut, so that it neither spins nor blocks anybody. `go_round` begins each round with
what was refused in the last one; if everything was refused, it waits at one of these doors, and no
longer than a pause.
"""

import time
from collections.abc import Callable
from threading import Lock


def knock(room: Lock, work: Callable[[], object]) -> bool:
    """Work in the room if nobody is in it at this moment; tell whether it was so."""
    return wait_at(room, 0, work)


def wait_at(room: Lock, patience: float, work: Callable[[], object]) -> bool:
    """Work in the room as soon as it is free; give up after `patience` seconds."""
    if not room.acquire(timeout=patience):
        return False
    try:
        work()
    finally:
        room.release()
    return True


def carry(here: Lock, there: Lock, patience: float, work: Callable[[], object]) -> bool:
    """Work with both rooms taken; never wait at one door with the other room in hand."""
    deadline = time.monotonic() + patience
    first, second = here, there
    while first.acquire(timeout=max(0, deadline - time.monotonic())):
        try:
            if knock(second, work):
                return True
        finally:
            first.release()
        first, second = second, first
    return False


def go_round(
    jobs: list[tuple[Lock, Callable[[], object]]], pause: float, patience: float
) -> list[tuple[Lock, Callable[[], object]]]:
    """Do every job, those whose rooms are free first; return those that had to be given up."""
    deadline = time.monotonic() + patience
    left = list(jobs)
    while left:
        refused = [(room, work) for room, work in left if not knock(room, work)]
        if len(refused) == len(left):
            rest = min(pause, deadline - time.monotonic())
            room, work = refused[0]
            if rest <= 0:
                break
            if wait_at(room, rest, work):
                del refused[0]
        left = refused
    return left
