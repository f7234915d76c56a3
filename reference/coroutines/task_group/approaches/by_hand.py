"""The expedition by hand: wait for the first exception, cancel, wait for all, and look at each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def climb_all(climbs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Do what a group does."""
    tasks = [asyncio.ensure_future(climb()) for climb in climbs]
    if not tasks:
        return []
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await _all_back(tasks)
    told = [task.exception() for task in tasks if not task.cancelled()]
    errors = [error for error in told if error is not None]
    if errors:
        raise ExceptionGroup("climbs failed", errors)
    return [task.result() for task in tasks]


async def _all_back(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Wait for all, however often somebody calls back who waits."""
    called_back = None
    while not all(task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            called_back = error
    if called_back is not None:
        raise called_back


async def climb_until(climbs: Sequence[Callable[[], Awaitable[Any]]], seconds: float | None) -> list[Any]:
    """Set a time limit around it."""
    async with asyncio.timeout(seconds):
        return await climb_all(climbs)
