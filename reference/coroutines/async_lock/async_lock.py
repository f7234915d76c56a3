"""The map room: a worked solution."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


def break_noted() -> list[str]:
    """Let the drawing fail for which another one waits."""
    return ["A asks", "B asks", "fails"]


def break_tidy() -> list[str]:
    """Let B draw after a failure, below a lock that is put away, and C ask."""
    return ["A asks", "B asks", "fails", "C asks"]


class Shelf:
    """Maps, and a lock for each of them."""

    def __init__(self, draw: Callable[[Any], Awaitable[Any]]) -> None:
        """Begin with an empty shelf."""
        self._draw = draw
        self._maps: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def get(self, name: Hashable) -> Any:
        """Look, draw and put it there below the lock of this name."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name not in self._maps:
                self._maps[name] = await self._draw(name)
            return self._maps[name]


class Purse:
    """Coins, and a lock for who pays with them."""

    def __init__(self, coins: int) -> None:
        """Begin with so many coins."""
        self.coins = coins
        self._lock = asyncio.Lock()

    async def pay(self, amount: int, hand_over: Callable[[int], Awaitable[object]]) -> bool:
        """Count, hand over and take out below the lock."""
        async with self._lock:
            if self.coins < amount:
                return False
            await hand_over(amount)
            self.coins -= amount
            return True
