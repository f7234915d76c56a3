"""The snail race: many greenlets in one thread. The contract is in README.md."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Note = Callable[[str, Any], object]
Snail = tuple[Callable[..., object], Sequence[Any], Mapping[str, Any]]


def creep(name: str, steps: int, note: Note) -> None:
    """Note each step, and let the others have a turn after it."""
    raise NotImplementedError


def nap(name: str, seconds: float, note: Note) -> None:
    """Sleep, while the others go on."""
    raise NotImplementedError


def race(snails: Iterable[Snail]) -> list[int]:
    """Call each function in a greenlet of its own; return who came to the goal, in this order."""
    raise NotImplementedError
