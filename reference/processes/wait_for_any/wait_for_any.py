"""The pigeon race: the worked solution. One wait for all sentinels, and every one that is ready is looked at."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import Process
from multiprocessing.connection import wait


def winner(pigeons: Sequence[Process], seconds: float | None = None) -> Process | None:
    """Wait until one has ended, and return it; None if nobody has when time is up."""
    return next(arrivals(pigeons, seconds), None)


def arrivals(pigeons: Sequence[Process], seconds: float | None = None) -> Iterator[Process]:
    """Yield each as soon as it has ended, until all have or time is up."""
    end = None if seconds is None else time.monotonic() + seconds
    flying = {pigeon.sentinel: pigeon for pigeon in pigeons}
    while flying:
        ready = wait(list(flying), None if end is None else max(0, end - time.monotonic()))
        if not ready:
            return
        for pigeon in [flying.pop(sentinel) for sentinel in ready]:
            pigeon.join()
            yield pigeon


def race(fly: Callable[[object], object], rings: Iterable[object], seconds: float | None = None) -> object:
    """Let all fly; return the ring of the first that ended, when all others are ended, too."""
    pigeons = {Process(target=fly, args=(ring,)): ring for ring in rings}
    for pigeon in pigeons:
        pigeon.start()
    first = winner(list(pigeons), seconds)
    for pigeon in pigeons:
        pigeon.terminate()
    for pigeon in pigeons:
        pigeon.join()
    return None if first is None else pigeons[first]
