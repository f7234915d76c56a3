"""A lock for the counter: a number that several threads change. The contract is in README.md."""

from collections.abc import Callable


class Stock:
    """How many tins are there; any number of threads may take and put at the same time."""

    count: int

    def __init__(self, count: int) -> None:
        """Begin with this many."""
        raise NotImplementedError

    def take(self) -> None:
        """Make the number one less."""
        raise NotImplementedError

    def put(self) -> None:
        """Make the number one more."""
        raise NotImplementedError


def ship(stock: Stock, packers: int, rounds: int, pack: Callable[[], object]) -> None:
    """Let `packers` threads call `pack()` and then `stock.take()`, `rounds` times each."""
    raise NotImplementedError
