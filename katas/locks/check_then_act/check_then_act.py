"""Check, then act: an account and a box office. The contract is in README.md."""

from collections.abc import Callable
from os import PathLike


class Account:
    """Money that several machines pay out."""

    balance: int

    def __init__(self, balance: int) -> None:
        """Begin with this much."""
        raise NotImplementedError

    def withdraw(self, amount: int, hand_out: Callable[[int], object]) -> bool:
        """Take the amount off and call `hand_out(amount)`, if there is enough; tell whether."""
        raise NotImplementedError


class BoxOffice:
    """Tickets, whose number is in a file."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Sell from this file; nothing is read yet."""
        raise NotImplementedError

    def sell(self) -> bool:
        """Take one ticket off the number in the file, if one is left; tell whether."""
        raise NotImplementedError

    def left(self) -> int:
        """Return the number in the file."""
        raise NotImplementedError
