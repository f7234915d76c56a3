"""The bakery: a worked solution."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any


async def bake_all(loaves: AsyncIterator[Any], bake: Callable[[Any], Awaitable[object]], bakers: int, room: int) -> int:
    """Put each loaf on the table, wait until all are done, and send the bakers home."""
    table: asyncio.Queue[Any] = asyncio.Queue(room)
    baked = 0
    open_ = True

    async def work() -> None:
        nonlocal baked
        while open_:  # a loaf that burns when its baker is cancelled ends here
            loaf = await table.get()
            try:
                await bake(loaf)
                baked += 1
            except Exception:
                pass  # a burnt loaf is not counted
            finally:
                table.task_done()

    tasks = [asyncio.create_task(work()) for _ in range(bakers)]
    try:
        try:
            async for loaf in loaves:
                await table.put(loaf)
        except Exception:
            await table.join()
            raise
        await table.join()
    finally:
        open_ = False
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return baked
