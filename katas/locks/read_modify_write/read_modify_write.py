"""Read, modify, write: a value that many threads compute anew. The contract is in README.md."""

from collections.abc import Callable

Compute = Callable[[int], int]


class Ledger:
    """One number, and one way to change it that no other change can get in between."""

    value: int

    def __init__(self, value: int) -> None:
        """Begin with this value."""
        raise NotImplementedError

    def change(self, compute: Compute) -> int:
        """Write what `compute` makes of the value, and return it."""
        raise NotImplementedError


def change_side_by_side(ledger: Ledger, computes: list[Compute]) -> None:
    """Change the ledger by each of the functions, each in a thread of its own."""
    raise NotImplementedError
