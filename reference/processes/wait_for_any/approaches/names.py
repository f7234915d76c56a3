"""Asks anew each time who is still flying, and goes by the numbers of the lofts."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import Process
from multiprocessing.connection import wait


def home(pigeons: Sequence[Process], seconds: float | None) -> list[Process]:
    """Wait until somebody is home, and return all who are; nobody if time is up or nobody flies."""
    if not pigeons:
        return []
    ready = wait([pigeon.sentinel for pigeon in pigeons], seconds)
    found = [pigeon for pigeon in pigeons if pigeon.sentinel in ready]
    for pigeon in found:
        pigeon.join()
    return found


def winner(pigeons: Sequence[Process], seconds: float | None = None) -> Process | None:
    """Wait until one has ended, and return it; None if nobody has when time is up."""
    found = home(pigeons, seconds)
    return found[0] if found else None


def arrivals(pigeons: Sequence[Process], seconds: float | None = None) -> Iterator[Process]:
    """Yield each as soon as it has ended, until all have or time is up."""
    until = time.monotonic() + seconds if seconds is not None else float("inf")
    flying = list(pigeons)
    while found := home(flying, None if seconds is None else max(0, until - time.monotonic())):
        flying = [pigeon for pigeon in flying if pigeon not in found]
        yield from reversed(found)


def race(fly: Callable[[object], object], rings: Iterable[object], seconds: float | None = None) -> object:
    """Let all fly; return the ring of the first that ended, when all others are ended, too."""
    known = list(rings)
    pigeons = [Process(target=fly, args=(ring,)) for ring in known]
    try:
        for pigeon in pigeons:
            pigeon.start()
        first = winner(pigeons, seconds)
        return known[pigeons.index(first)] if first else None
    finally:
        for pigeon in pigeons:
            if pigeon.pid is not None:
                pigeon.kill()
                pigeon.join()
