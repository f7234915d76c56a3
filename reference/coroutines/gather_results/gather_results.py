"""The weather stations: a worked solution."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def collect(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all at the same time; return the answers in order, or raise the first failure at once."""
    return await asyncio.gather(*[ask(station) for station in stations])


async def survey(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all at the same time; return in order what each answered or raised."""
    return await asyncio.gather(*[ask(station) for station in stations], return_exceptions=True)


def report(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Run an event loop, and collect in it."""
    return asyncio.run(collect(stations, ask))
