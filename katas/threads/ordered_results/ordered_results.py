"""Ordered results: what threads found out, in the order of asking. The contract is in README.md."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Call `function` for all items side by side; return the results in the order of the items."""
    raise NotImplementedError


def squares(numbers: Sequence[int], square: Callable[[int], int]) -> list[tuple[int, int]]:
    """Return each number with its square, computed in threads, in the order of the numbers."""
    raise NotImplementedError
