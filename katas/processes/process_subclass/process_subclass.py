"""Ten furnaces. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing import Process


class Furnace(Process):
    """A process that casts one bell."""

    def __init__(self, cast: Callable[[object], object], bell: object, name: str | None = None) -> None:
        """Take the metal in, and cast nothing yet."""
        raise NotImplementedError

    def run(self) -> None:
        """Cast."""
        raise NotImplementedError


def cast_all(cast: Callable[[object], object], bells: Iterable[object]) -> list[Furnace]:
    """Cast all bells at the same time; return their furnaces when all are out."""
    raise NotImplementedError
