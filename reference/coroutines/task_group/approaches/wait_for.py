"""The expedition with a time limit of `wait_for`, and a place for each result."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def climb_all(climbs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Let each write into its place."""
    found: list[Any] = [None] * len(climbs)

    async def climb(number: int) -> None:
        found[number] = await climbs[number]()

    async with asyncio.TaskGroup() as group:
        for number in range(len(climbs)):
            group.create_task(climb(number))
    return found


async def climb_until(climbs: Sequence[Callable[[], Awaitable[Any]]], seconds: float | None) -> list[Any]:
    """Let `wait_for` cancel it."""
    return await asyncio.wait_for(climb_all(climbs), seconds)
