"""The bakery: a table with an edge, and bakers who go home. The contract is in README.md."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


async def bake_all(loaves: AsyncIterator[Any], bake: Callable[[Any], Awaitable[object]], bakers: int, room: int) -> int:
    """Bake each loaf, with so many bakers and so much room before them; return how many are baked."""
    raise NotImplementedError
