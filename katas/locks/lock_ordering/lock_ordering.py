"""Two accounts, two locks: transfers in all directions. The contract is in README.md."""

from collections.abc import Callable, Iterable


class Account:
    """Money that transfers move."""

    balance: int

    def __init__(self, balance: int) -> None:
        """Begin with this much."""
        raise NotImplementedError


def transfer(source: Account, target: Account, amount: int, confirm: Callable[[], bool]) -> bool:
    """Move money if there is enough and `confirm()` agrees; tell whether it was moved."""
    raise NotImplementedError


def total(accounts: Iterable[Account]) -> int:
    """Return how much is on all accounts together, at one moment."""
    raise NotImplementedError
