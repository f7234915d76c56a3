"""The map room with an event for each map that is being drawn, and a semaphore."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


def break_noted() -> list[str]:
    """Cancel the one who draws."""
    return ["A asks", "B asks", "A leaves"]


def break_tidy() -> list[str]:
    """Cancel the one who draws: the next one has a lock that nobody finds."""
    return ["C asks", "A asks", "C leaves", "B asks"]


class Shelf:
    """Maps, and who draws one."""

    def __init__(self, draw: Callable[[Any], Awaitable[Any]]) -> None:
        """Begin with an empty shelf."""
        self._draw = draw
        self._maps: dict[Hashable, Any] = {}
        self._drawn: dict[Hashable, asyncio.Event] = {}

    async def get(self, name: Hashable) -> Any:
        """Wait until it is there, or until nobody draws it."""
        while name not in self._maps:
            if name in self._drawn:
                await self._drawn[name].wait()
                continue
            over = self._drawn[name] = asyncio.Event()
            try:
                self._maps[name] = await self._draw(name)
            finally:
                del self._drawn[name]
                over.set()
        return self._maps[name]


class Purse:
    """Coins, and a turn."""

    def __init__(self, coins: int) -> None:
        """Begin with so many coins."""
        self.coins = coins
        self._turn = asyncio.Semaphore(1)

    async def pay(self, amount: int, hand_over: Callable[[int], Awaitable[object]]) -> bool:
        """Take the turn, and give it back."""
        await self._turn.acquire()
        try:
            if self.coins < amount:
                return False
            await hand_over(amount)
            self.coins -= amount
        finally:
            self._turn.release()
        return True
