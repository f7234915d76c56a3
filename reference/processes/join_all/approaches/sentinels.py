"""Waits for the ends themselves, whoever comes first, with one deadline."""

import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import Process
from multiprocessing.connection import wait


def send_out(ride: Callable[[object], object], towns: Iterable[object]) -> list[Process]:
    """Send a messenger to each town; return all of them, and wait for nobody."""
    messengers = []
    for town in towns:
        messengers.append(Process(target=ride, args=(town,)))
        messengers[-1].start()
    return messengers


def report(messengers: Sequence[Process], seconds: float | None = None) -> list[str]:
    """Wait for all who were sent out, at most so many seconds in all; return a word for each."""
    began = time.monotonic()
    out = {messenger.sentinel for messenger in messengers if messenger.ident}
    while out:
        left = None if seconds is None else max(0, began + seconds - time.monotonic())
        ended = wait(list(out), left)
        if not ended:
            break
        out.difference_update(ended)
    words = {None: "on the way", 0: "back"}
    return [words.get(each.exitcode, "lost") if each.ident else "at home" for each in messengers]


def proclaim(ride: Callable[[object], object], towns: Iterable[object]) -> list[str]:
    """Send messengers to all towns, and report when everyone has ended."""
    return report(send_out(ride, towns))
