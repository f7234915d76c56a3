"""The same lock twice: a till whose methods call each other. The contract is in README.md."""

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Till:
    """Money that several threads put in, take out and count."""

    def __init__(self, money: int = 0) -> None:
        """Begin with this much."""
        raise NotImplementedError

    def put(self, amount: int) -> None:
        """Add an amount."""
        raise NotImplementedError

    def take(self, amount: int) -> bool:
        """Take an amount out, or nothing if there is less; tell which."""
        raise NotImplementedError

    def total(self) -> int:
        """Return how much there is."""
        raise NotImplementedError

    def exchange(self, out: int, back: int) -> bool:
        """Take one amount and put another, as one step; tell whether there was enough."""
        raise NotImplementedError

    def alone(self, work: Callable[["Till"], Result]) -> Result:
        """Return `work(till)`; nobody else can use the till meanwhile."""
        raise NotImplementedError
