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


def sell(path: str | PathLike[str]) -> bool:
    """Take one ticket off the number in the file, if one is left; tell whether."""
    raise NotImplementedError


def left(path: str | PathLike[str]) -> int:
    """Return the number in the file."""
    raise NotImplementedError
