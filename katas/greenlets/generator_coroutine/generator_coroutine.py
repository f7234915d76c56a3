"""The round table: generators that take turns. The contract is in README.md."""

from collections.abc import Callable, Generator, Iterable
from typing import Any

Task = Generator[Any, Any, Any]


def break_drink() -> list[str]:
    """Return turns after which two have drunk, and one measure is gone."""
    raise NotImplementedError


def break_blow() -> list[str]:
    """Return turns after which two wait for each other's horn for ever."""
    raise NotImplementedError


def average() -> Generator[float | None, float | None, tuple[int, float]]:
    """Be sent numbers, yield their average so far; return their count and sum when None is sent."""
    raise NotImplementedError


def add_up(numbers: Iterable[float]) -> Generator[float, Any, float]:
    """Add up numbers, one in each turn; return their sum."""
    raise NotImplementedError


def take_turns(tasks: Iterable[Task], answer: Callable[[Any], Any]) -> list[Any]:
    """Let tasks have turns, answer their questions, return what came of each."""
    raise NotImplementedError
