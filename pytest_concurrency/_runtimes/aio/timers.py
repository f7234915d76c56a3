"""Timers of event loops that know when they were set, and what that says about their order."""

from __future__ import annotations

import asyncio
from typing import Any

from pytest_concurrency._core.clock import Instant, to_ns


class NumberedTimer(asyncio.TimerHandle):
    """A timer that knows which one it was, when it was set, and what it cannot come before.

    Attributes:
        number: Its number in its loop.
        set_at: The time at which it was set, in virtual nanoseconds.
        after: For each time, the number of the last timer set then without which this one would not be; its own too.
        line: Where the user has set it, while somebody listens.
    """

    __slots__ = ("after", "line", "number", "set_at")
    after: dict[int, int]
    line: tuple[str, int]
    number: int
    set_at: int

    def is_set(self, number: int, now: int, fired: dict[int, int]) -> None:
        """Note its number, the time, and of each time the last timer that came before it was set."""
        self.number, self.set_at = number, now
        self.after = {**fired, now: number}

    def comes_after(self, other: NumberedTimer) -> bool:
        """Tell whether, both being set for one time, this one cannot come first: every step takes a moment."""
        return self.after.get(other.set_at, -1) > other.number


def number(handle: Any) -> int:
    """Return the number of a timer of ours; 0 for anything else that comes in."""
    return handle.number if isinstance(handle, NumberedTimer) else 0


def comes_after(handle: Any, other: Any) -> bool:
    """Tell whether something that comes in cannot come before another."""
    is_ours = isinstance(handle, NumberedTimer) and isinstance(other, NumberedTimer)
    return is_ours and handle is not other and handle.comes_after(other)


def is_due_at_once(handle: Any) -> bool:
    """Tell whether a timer was due when it was set: the next pass takes it, however fast it is."""
    return isinstance(handle, NumberedTimer) and ns(handle.when()) <= handle.set_at


def ns(when: float) -> int:
    """Return a deadline in virtual nanoseconds."""
    return when.ns if isinstance(when, Instant) else to_ns(when)
