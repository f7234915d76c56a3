"""One scale: break a lock, write it anew, and hand it to processes. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

Bag = TypeVar("Bag")
Flour = TypeVar("Flour")
Weight = TypeVar("Weight")


def break_scale() -> list[str]:
    """Return a schedule under which two bags lie on the scale."""
    raise NotImplementedError


def grind_and_weigh(lock: Any, grind: Callable[[Bag], Flour], weigh: Callable[[Flour], Weight], bag: Bag) -> Weight:
    """Grind without the lock, weigh with it."""
    raise NotImplementedError


def mill(
    context: BaseContext,
    millers: int,
    grind: Callable[[Bag], Flour],
    weigh: Callable[[Flour], Weight],
    bags: Iterable[Bag],
) -> list[Weight]:
    """Grind in so many processes, and weigh one after the other; return the weights in order."""
    raise NotImplementedError
