"""The first of all, and then the first of the others: arrivals is made of winner."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import Process
from multiprocessing.connection import wait


def winner(pigeons: Sequence[Process], seconds: float | None = None) -> Process | None:
    """Wait until one has ended, and return it; None if nobody has when time is up."""
    by_sentinel = {pigeon.sentinel: pigeon for pigeon in pigeons}
    for sentinel in wait(by_sentinel, seconds) if by_sentinel else ():
        first: Process = by_sentinel[sentinel]
        first.join()
        return first
    return None


def arrivals(pigeons: Sequence[Process], seconds: float | None = None) -> Iterator[Process]:
    """Yield each as soon as it has ended, until all have or time is up."""
    flying, began = list(pigeons), time.monotonic()
    while pigeon := winner(flying, None if seconds is None else max(0, began + seconds - time.monotonic())):
        flying.remove(pigeon)
        yield pigeon


class Pigeon(Process):
    """A process that knows its ring."""

    def __init__(self, fly: Callable[[object], object], ring: object) -> None:
        """Sit in the loft."""
        super().__init__(target=fly, args=(ring,))
        self.ring = ring


def race(fly: Callable[[object], object], rings: Iterable[object], seconds: float | None = None) -> object:
    """Let all fly; return the ring of the first that ended, when all others are ended, too."""
    pigeons = [Pigeon(fly, ring) for ring in rings]
    for pigeon in pigeons:
        pigeon.start()
    first = winner(pigeons, seconds)
    for pigeon in pigeons:
        pigeon.terminate()
        pigeon.join()
    return first.ring if isinstance(first, Pigeon) else None
