"""The observatory: count, announce, and fill a catalogue, with threads or processes. The contract is in README.md."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import TypeVar

Plate = TypeVar("Plate")
Stars = TypeVar("Stars")
Star = TypeVar("Star")


def survey(
    executor: Executor, count: Callable[[Plate], Stars], plates: Iterable[Plate], bundle: int = 1
) -> list[Stars]:
    """Return what `count` says of each plate, in order; carry them over in bundles."""
    raise NotImplementedError


def announce(
    executor: Executor,
    count: Callable[[Plate], int],
    plates: Iterable[Plate],
    tell: Callable[[int, int | BaseException], object],
) -> int:
    """Tell each place and its stars as soon as they are counted; return the sum."""
    raise NotImplementedError


def catalogue(
    executor: Executor, find: Callable[[Plate], list[Star]], plates: Iterable[Plate]
) -> dict[Star, list[int]]:
    """Return for each star on which places it is."""
    raise NotImplementedError
