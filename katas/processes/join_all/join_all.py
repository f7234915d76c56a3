"""The queen's messengers. The contract is in README.md."""

from collections.abc import Callable, Iterable, Sequence
from multiprocessing import Process

BACK, LOST, ON_THE_WAY, AT_HOME = "back", "lost", "on the way", "at home"


def send_out(ride: Callable[[object], object], towns: Iterable[object]) -> list[Process]:
    """Send a messenger to each town; return all of them, and wait for nobody."""
    raise NotImplementedError


def report(messengers: Sequence[Process], seconds: float | None = None) -> list[str]:
    """Wait for all who were sent out, at most so many seconds in all; return a word for each."""
    raise NotImplementedError


def proclaim(ride: Callable[[object], object], towns: Iterable[object]) -> list[str]:
    """Send messengers to all towns, and report when everyone has ended."""
    raise NotImplementedError
