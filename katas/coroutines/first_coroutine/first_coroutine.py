"""The post riders: await, and await what awaits. The contract is in README.md."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Ride = Callable[[Any, Any], Awaitable[Any]]


async def deliver(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Ride the stages one after the other; return the letter as the last rider has handed it over."""
    raise NotImplementedError


async def exchange(
    letter: Any,
    there: Sequence[Any],
    back: Sequence[Any],
    ride: Ride,
    answer: Callable[[Any], Awaitable[Any]],
    ring: Callable[[], Awaitable[object]],
) -> Any:
    """Deliver the letter, have it answered, deliver the answer, ring; return the answer as it has come back."""
    raise NotImplementedError


def send(letter: Any, stages: Sequence[Any], ride: Ride) -> Any:
    """Run an event loop, and deliver the letter in it."""
    raise NotImplementedError


async def deliver_all(letters: Sequence[Any], stages: Sequence[Any], ride: Ride) -> list[Any]:
    """Deliver all letters at the same time; return them in order as they have arrived."""
    raise NotImplementedError
