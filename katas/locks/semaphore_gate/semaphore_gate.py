"""The gate to the tower: not one at a time, but k. The contract is in README.md."""

from collections.abc import Callable, Sequence
from typing import Any


class Gate:
    """So many places, which threads take and give back."""

    def __init__(self, places: int) -> None:
        """Begin with all places free."""
        raise NotImplementedError

    def enter(self, patience: float | None = None) -> bool:
        """Take a place, wait for one if need be; return whether there was one in time."""
        raise NotImplementedError

    def leave(self) -> None:
        """Give a place back; raise `ValueError` if all are free."""
        raise NotImplementedError

    def visit(self, look: Callable[[], object], patience: float | None = None) -> bool:
        """Enter, call `look()` and leave; return whether there was a place in time."""
        raise NotImplementedError


def show_round(visitors: Sequence[Any], places: int, look: Callable[[Any], object]) -> list[object]:
    """Call `look(visitor)` for each, at most `places` at once; return what each returned or raised."""
    raise NotImplementedError
