"""The stamp fair: values in order, by several experts. The contract is in README.md."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, TypeVar

Stamp = TypeVar("Stamp")
Value = TypeVar("Value")


def appraise(value_of: Callable[..., Value], experts: int, *columns: Iterable[Any]) -> list[Value]:
    """Return the values of all rows, in order."""
    raise NotImplementedError


def as_they_come(
    value_of: Callable[..., Value], experts: int, *columns: Iterable[Any], seconds: float | None = None
) -> Iterator[Value]:
    """Hand in all rows; return an iterator that gives each value out as soon as it can."""
    raise NotImplementedError


def stream(
    value_of: Callable[[Stamp], Value], experts: int, stamps: Iterable[Stamp], ahead: int
) -> Generator[Value, None, None]:
    """Return an iterator over the values that takes so many stamps ahead, and no more."""
    raise NotImplementedError
