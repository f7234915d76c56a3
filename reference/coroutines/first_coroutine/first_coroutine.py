"""The post riders: a worked solution."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Ride = Callable[[Any, Any], Awaitable[Any]]


async def deliver(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Await each ride before the next."""
    for stage in stages:
        letter = await ride(letter, stage)
    return letter


async def exchange(
    letter: Any,
    there: Sequence[Any],
    back: Sequence[Any],
    ride: Ride,
    answer: Callable[[Any], Awaitable[Any]],
    ring: Callable[[], Awaitable[object]],
) -> Any:
    """Await one step after the other."""
    arrived = await deliver(letter, there, ride)
    reply = await answer(arrived)
    returned = await deliver(reply, back, ride)
    await ring()
    return returned


def send(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Let asyncio make a loop for this letter."""
    return asyncio.run(deliver(letter, stages, ride))


async def deliver_all(letters: Sequence[Any], stages: Sequence[Any], ride: Ride) -> list[Any]:
    """Let all begin, and wait for all."""
    return await asyncio.gather(*[deliver(letter, stages, ride) for letter in letters])
