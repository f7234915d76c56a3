"""The expedition: one failure ends all. The contract is in README.md."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any


async def climb_all(climbs: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Let all run; return the results in order, or raise all errors in an ExceptionGroup."""
    raise NotImplementedError


async def climb_until(climbs: Sequence[Callable[[], Awaitable[Any]]], seconds: float | None) -> list[Any]:
    """Do `climb_all` in so many seconds at most, or raise TimeoutError."""
    raise NotImplementedError
