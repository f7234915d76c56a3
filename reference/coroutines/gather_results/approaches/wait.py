"""The weather stations with `asyncio.wait`: it takes tasks, and cancels none of them by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def _all(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]], until: str) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(ask(station)) for station in stations]
    try:
        if tasks:
            await asyncio.wait(tasks, return_when=until)
    finally:
        for task in tasks:
            task.cancel()
    return tasks


async def collect(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all; the first that fails ends the waiting. A cancelled one does not count as an exception here."""
    first: list[BaseException] = []

    async def noted(station: Any) -> Any:
        try:
            return await ask(station)
        except asyncio.CancelledError as error:
            first.append(error)
            raise LookupError from error

    tasks = await _all(stations, noted, asyncio.FIRST_EXCEPTION)
    if first:
        raise first[0]
    for task in tasks:
        if task.done() and task.exception() is not None:
            task.result()
    return [task.result() for task in tasks]


async def survey(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all, wait for all, then look at each."""
    found = []
    for task in await _all(stations, ask, asyncio.ALL_COMPLETED):
        try:
            found.append(task.result())
        except (Exception, asyncio.CancelledError) as error:
            found.append(error)
    return found


def report(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Make a runner, which makes the loop and closes it."""
    with asyncio.Runner() as runner:
        return runner.run(collect(stations, ask))
