"""The collecting box: one number for several processes. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext


class Box:
    """Cents that several processes put in and take out."""

    def __init__(self, context: BaseContext, cents: int = 0) -> None:
        raise NotImplementedError

    def cents(self) -> int:
        """Return how much is in it."""
        raise NotImplementedError

    def put(self, cents: int) -> int:
        """Add so many; return how much was in it right after that."""
        raise NotImplementedError

    def take(self, cents: int) -> bool:
        """Take so many out, if they are there; return whether they were."""
        raise NotImplementedError


def collect(context: BaseContext, box: Box, collectors: Iterable[Callable[[Box], object]]) -> int:
    """Call each with the box, in a process of its own; return how much is in it when all have ended."""
    raise NotImplementedError
