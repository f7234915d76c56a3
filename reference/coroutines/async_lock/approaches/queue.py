"""The map room with queues of one token: who holds it draws, or pays."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


def break_noted() -> list[str]:
    """Let nobody come until it has failed: the note stays."""
    return ["C asks", "fails", "A asks"]


def break_tidy() -> list[str]:
    """Let two wait, of whom one draws after a failure, and ask the third."""
    return ["A asks", "B asks", "A leaves", "C asks", "drawn"]


def token() -> asyncio.Queue[None]:
    """Make a queue with a token in it."""
    tokens: asyncio.Queue[None] = asyncio.Queue()
    tokens.put_nowait(None)
    return tokens


class Shelf:
    """Maps, and a token for each of them."""

    def __init__(self, draw: Callable[[Any], Awaitable[Any]]) -> None:
        """Begin with an empty shelf."""
        self._draw = draw
        self._maps: dict[Hashable, Any] = {}
        self._tokens: dict[Hashable, asyncio.Queue[None]] = defaultdict(token)

    async def get(self, name: Hashable) -> Any:
        """Hold the token from the look to the map."""
        await self._tokens[name].get()
        try:
            if name not in self._maps:
                self._maps[name] = await self._draw(name)
        finally:
            self._tokens[name].put_nowait(None)
        return self._maps[name]


class Purse:
    """Coins, and a token."""

    def __init__(self, coins: int) -> None:
        """Begin with so many coins."""
        self.coins = coins
        self._token = token()

    async def pay(self, amount: int, hand_over: Callable[[int], Awaitable[object]]) -> bool:
        """Hold the token while paying."""
        await self._token.get()
        try:
            if self.coins < amount:
                return False
            await hand_over(amount)
            self.coins -= amount
            return True
        finally:
            self._token.put_nowait(None)
