"""Messengers who know the word for themselves."""

import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing import Process


class Messenger(Process):
    """A process that rides to a town."""

    def __init__(self, ride: Callable[[object], object], town: object) -> None:
        """Stay at home for now."""
        super().__init__()
        self.ride, self.town = ride, town

    def run(self) -> None:
        """Ride."""
        self.ride(self.town)


def send_out(ride: Callable[[object], object], towns: Iterable[object]) -> list[Process]:
    """Send a messenger to each town; return all of them, and wait for nobody."""
    messengers: list[Process] = [Messenger(ride, town) for town in towns]
    for messenger in messengers:
        messenger.start()
    return messengers


def report(messengers: Sequence[Process], seconds: float | None = None) -> list[str]:
    """Wait for all who were sent out, at most so many seconds in all; return a word for each."""
    until = float("inf") if seconds is None else time.monotonic() + seconds
    words = []
    for messenger in messengers:
        if messenger.pid is None:
            words.append("at home")
        else:
            left = until - time.monotonic()
            messenger.join(left if seconds is not None and left > 0 else None if seconds is None else 0)
            words.append("")
    codes = {None: "on the way", 0: "back"}
    return [said or codes.get(each.exitcode, "lost") for said, each in zip(words, messengers, strict=True)]


def proclaim(ride: Callable[[object], object], towns: Iterable[object]) -> list[str]:
    """Send messengers to all towns, and report when everyone has ended."""
    return report(send_out(ride, towns))
