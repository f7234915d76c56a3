"""The map room: a lock across an await. The contract is in README.md."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any


def break_noted() -> list[str]:
    """Return what happens until somebody waits for ever at the first shelf."""
    raise NotImplementedError


def break_tidy() -> list[str]:
    """Return what happens until two draw the same map at the same time for the second shelf."""
    raise NotImplementedError


class Shelf:
    """Maps, each of them drawn when somebody asks for it for the first time."""

    def __init__(self, draw: Callable[[Any], Awaitable[Any]]) -> None:
        """Begin with an empty shelf."""
        raise NotImplementedError

    async def get(self, name: Hashable) -> Any:
        """Return the map of that name; draw it if it is not there."""
        raise NotImplementedError


class Purse:
    """Coins, and who wants to spend them."""

    def __init__(self, coins: int) -> None:
        """Begin with so many coins in `self.coins`."""
        raise NotImplementedError

    async def pay(self, amount: int, hand_over: Callable[[int], Awaitable[object]]) -> bool:
        """Hand over so many coins and take them out; return whether there were as many."""
        raise NotImplementedError
