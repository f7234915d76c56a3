"""The expedition: a worked solution."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def climb_all(climbs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Let a group cancel, wait and tell."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(climb()) for climb in climbs]
    return [task.result() for task in tasks]


async def climb_until(climbs: Sequence[Callable[[], Awaitable[Any]]], seconds: float | None) -> list[Any]:
    """Set a time limit around it."""
    async with asyncio.timeout(seconds):
        return await climb_all(climbs)
