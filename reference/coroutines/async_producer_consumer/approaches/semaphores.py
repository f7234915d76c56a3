"""The bakery with a task for each loaf, and two semaphores: one for the ovens, one for all that was taken."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


async def bake_all(loaves: AsyncIterator[Any], bake: Callable[[Any], Awaitable[object]], bakers: int, room: int) -> int:
    """Take a loaf when there is room for it; its task waits for an oven."""
    places, ovens = asyncio.Semaphore(bakers + room), asyncio.Semaphore(bakers)
    tasks: set[asyncio.Task[None]] = set()
    baked: list[bool] = []

    async def work(loaf: Any) -> None:
        try:
            async with ovens:
                await bake(loaf)
            baked.append(True)
        except Exception:
            pass
        finally:
            places.release()

    try:
        try:
            async for loaf in loaves:
                await places.acquire()
                tasks.add(asyncio.create_task(work(loaf)))
        except Exception:
            await asyncio.gather(*tasks)
            raise
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return len(baked)
