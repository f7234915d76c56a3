"""The post riders: each rider leaves the rest of the way to the next one, and each letter is a task."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Ride = Callable[[Any, Any], Awaitable[Any]]


async def deliver(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Ride the first stage, and deliver over the others."""
    if not stages:
        return letter
    first, *others = stages
    return await deliver(await ride(letter, first), others, ride)


async def exchange(
    letter: Any,
    there: Sequence[Any],
    back: Sequence[Any],
    ride: Ride,
    answer: Callable[[Any], Awaitable[Any]],
    ring: Callable[[], Awaitable[object]],
) -> Any:
    """Await inside out."""
    returned = await deliver(await answer(await deliver(letter, there, ride)), back, ride)
    await ring()
    return returned


def send(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Run a loop by hand."""
    with asyncio.Runner() as runner:
        return runner.run(deliver(letter, stages, ride))


async def deliver_all(letters: Sequence[Any], stages: Sequence[Any], ride: Ride) -> list[Any]:
    """Make a task of each; wait until all are there, or one fails."""
    tasks = [asyncio.create_task(deliver(letter, stages, ride)) for letter in letters]
    for next_one in asyncio.as_completed(tasks):
        await next_one
    return [task.result() for task in tasks]
