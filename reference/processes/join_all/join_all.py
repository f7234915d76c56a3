"""The queen's messengers: the worked solution. All are started, then each is waited for, until the same moment."""

import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import Process

BACK, LOST, ON_THE_WAY, AT_HOME = "back", "lost", "on the way", "at home"


def send_out(ride: Callable[[object], object], towns: Iterable[object]) -> list[Process]:
    """Send a messenger to each town; return all of them, and wait for nobody."""
    messengers = [Process(target=ride, args=(town,)) for town in towns]
    for messenger in messengers:
        messenger.start()
    return messengers


def report(messengers: Sequence[Process], seconds: float | None = None) -> list[str]:
    """Wait for all who were sent out, at most so many seconds in all; return a word for each."""
    end = None if seconds is None else time.monotonic() + seconds
    for messenger in messengers:
        if messenger.pid is not None:
            messenger.join(None if end is None else max(0, end - time.monotonic()))
    return [word(messenger) for messenger in messengers]


def word(messenger: Process) -> str:
    """Say what is known of a messenger now."""
    if messenger.pid is None:
        return AT_HOME
    if messenger.exitcode is None:
        return ON_THE_WAY
    return BACK if messenger.exitcode == 0 else LOST


def proclaim(ride: Callable[[object], object], towns: Iterable[object]) -> list[str]:
    """Send messengers to all towns, and report when everyone has ended."""
    return report(send_out(ride, towns))
