"""The weather stations: ask all at once. The contract is in README.md."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def collect(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all at the same time; return the answers in order, or raise the first failure at once."""
    raise NotImplementedError


async def survey(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Ask all at the same time; return in order what each answered or raised."""
    raise NotImplementedError


def report(stations: Sequence[Any], ask: Callable[[Any], Awaitable[Any]]) -> list[Any]:
    """Run an event loop, and collect in it."""
    raise NotImplementedError
