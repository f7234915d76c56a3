"""The negative: one row of numbers, changed by several processes. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
from typing import Any

Plate = Any  # what context.Array returns


def make_plate(context: BaseContext, numbers: Iterable[float]) -> Plate:
    """Return an array of a fitting type that holds the numbers."""
    raise NotImplementedError


def alter(context: BaseContext, plate: Plate, workers: int, change: Callable[[Any], Any]) -> None:
    """Replace each number by change(number), in so many processes at the same time."""
    raise NotImplementedError
