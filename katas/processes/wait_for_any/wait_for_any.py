"""The pigeon race. The contract is in README.md."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing import Process


def winner(pigeons: Sequence[Process], seconds: float | None = None) -> Process | None:
    """Wait until one has ended, and return it; None if nobody has when time is up."""
    raise NotImplementedError


def arrivals(pigeons: Sequence[Process], seconds: float | None = None) -> Iterator[Process]:
    """Yield each as soon as it has ended, until all have or time is up."""
    raise NotImplementedError


def race(fly: Callable[[object], object], rings: Iterable[object], seconds: float | None = None) -> object:
    """Let all fly; return the ring of the first that ended, when all others are ended, too."""
    raise NotImplementedError
