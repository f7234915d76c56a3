"""One scale: the worked solution.

Whoever goes home without the key must not hang one up: `with` releases what it has got, and nothing else. A manager
keeps the lock in a process of its own, so that any job can ask for it.
"""

from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

Bag = TypeVar("Bag")
Flour = TypeVar("Flour")
Weight = TypeVar("Weight")


def break_scale() -> list[str]:
    """Return a schedule under which two bags lie on the scale."""
    return ["A: until weigh:20", "B: to the end", "C: to the end"]


def grind_and_weigh(lock: Any, grind: Callable[[Bag], Flour], weigh: Callable[[Flour], Weight], bag: Bag) -> Weight:
    """Grind without the lock, weigh with it."""
    flour = grind(bag)
    with lock:
        return weigh(flour)


def mill(
    context: BaseContext,
    millers: int,
    grind: Callable[[Bag], Flour],
    weigh: Callable[[Flour], Weight],
    bags: Iterable[Bag],
) -> list[Weight]:
    """Grind in so many processes, and weigh one after the other; return the weights in order."""
    with context.Manager() as manager, context.Pool(millers) as pool:
        return pool.map(partial(grind_and_weigh, manager.Lock(), grind, weigh), bags, 1)
