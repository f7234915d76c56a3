"""The weather stations with a place for each answer, and a future that tells the first failure."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def _fill(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]], keeps_errors: bool) -> list[Any]:
    found: list[Any] = [None] * len(stations)
    over = asyncio.get_running_loop().create_future()
    open_ones = set(range(len(stations)))

    async def fill(number: int) -> None:
        try:
            found[number] = await ask(stations[number])
        except BaseException as error:  # whoever waits has to be told, be it what it may
            found[number] = error
            if not keeps_errors and not over.done():
                over.set_result(error)
        open_ones.discard(number)
        if not open_ones and not over.done():
            over.set_result(None)

    tasks = [asyncio.create_task(fill(number)) for number in open_ones]
    try:
        error = await over if tasks else None
    finally:
        for task in tasks:
            task.cancel()
    if error is not None:
        raise error
    return found


async def collect(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Fill the places; stop at the first failure."""
    return await _fill(stations, ask, keeps_errors=False)


async def survey(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Fill the places, with exceptions too."""
    return await _fill(stations, ask, keeps_errors=True)


def report(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Run an event loop, and collect in it."""
    return asyncio.run(collect(stations, ask))
