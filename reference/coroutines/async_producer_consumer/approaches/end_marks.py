"""The bakery with an end mark for each baker, and a group of tasks that waits for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

END = object()


async def bake_all(loaves: AsyncIterator[Any], bake: Callable[[Any], Awaitable[object]], bakers: int, room: int) -> int:
    """Put each loaf on the table, then an end mark for each baker."""
    table: asyncio.Queue[Any] = asyncio.Queue(room)
    baked: list[bool] = []
    failure: Exception | None = None
    closed = False

    async def work() -> None:
        while (loaf := await table.get()) is not END:
            try:
                await bake(loaf)
                baked.append(True)
            except Exception:
                pass  # a burnt loaf is not counted
            if closed:
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(bakers):
            group.create_task(work())
        try:
            async for loaf in loaves:
                await table.put(loaf)
        except Exception as error:
            failure = error
        except asyncio.CancelledError:
            closed = True
            raise
        for _ in range(bakers):
            await table.put(END)
    if failure is not None:
        raise failure
    return len(baked)
