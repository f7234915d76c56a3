"""The round table: generators that take turns. The contract is in README.md."""

from collections.abc import Callable, Generator, Iterable
from typing import Any

Task = Generator[Any, Any, Any]


def average() -> Generator[float | None, float | None, tuple[int, float]]:
    """Be sent numbers, yield their average so far; return their count and sum when None is sent."""
    raise NotImplementedError


def add_up(numbers: Iterable[float]) -> Generator[float, Any, float]:
    """Add up numbers, one in each turn; return their sum."""
    raise NotImplementedError


def take_turns(tasks: Iterable[Task], answer: Callable[[Any], Any]) -> list[Any]:
    """Let tasks have turns, answer their questions, return what came of each."""
    raise NotImplementedError
