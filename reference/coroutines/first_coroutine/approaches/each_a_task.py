"""The post riders: each step is a task, which is awaited before the next one is made."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Ride = Callable[[Any, Any], Awaitable[Any]]


async def deliver(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Make a task of each ride, and await it; whoever is cancelled cancels the task that he awaits."""
    for stage in stages:
        letter = await asyncio.ensure_future(ride(letter, stage))
    return letter


async def exchange(
    letter: Any,
    there: Sequence[Any],
    back: Sequence[Any],
    ride: Ride,
    answer: Callable[[Any], Awaitable[Any]],
    ring: Callable[[], Awaitable[object]],
) -> Any:
    """Have the answer written where the letter arrives."""

    async def written() -> Any:
        return await answer(await deliver(letter, there, ride))

    returned = await deliver(await asyncio.create_task(written()), back, ride)
    await asyncio.gather(ring())
    return returned


def send(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Let the loop leave the letter in a list."""
    arrived = []

    async def main() -> None:
        arrived.append(await deliver(letter, stages, ride))

    asyncio.run(main())
    return arrived[0]


async def deliver_all(letters: Sequence[Any], stages: Sequence[Any], ride: Ride) -> list[Any]:
    """Let each letter write into its place."""
    arrived: list[Any] = [None] * len(letters)

    async def one(number: int) -> None:
        arrived[number] = await deliver(letters[number], stages, ride)

    await asyncio.gather(*map(one, range(len(letters))))
    return arrived
