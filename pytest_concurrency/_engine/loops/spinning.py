"""Event loops that never rest: whether what they run comes back to the same states again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EVERY: Final = 100
"""So often, in passes, is looked."""
PATIENT: Final = 500
"""After so many passes in known states time passes, though somebody could go on: they ask for what time will bring."""
ENDLESS: Final = 50_000
"""After so many nothing will ever change."""
MANY_LOOKS: Final = 16


class Spinning:
    """Counts the passes of one loop since it rested.

    Args:
        state: Returns of something that stands in line where it is, and the plain values of its variables;
            None for what does not count.

    Attributes:
        passes: How many.
        again: How many of them, about, in states that had been seen before.
    """

    def __init__(self, state: Callable[[Any], tuple[Any, ...] | None]) -> None:
        self.passes = 0
        self.again = 0
        self._state = state
        self._looks = 0
        self._seen: set[Any] = set()

    def rests(self) -> None:
        """Note that the loop waits, or that something has come in from outside."""
        if self.passes:
            self.passes = self.again = 0
            self._seen.clear()

    def looks_on(self) -> bool:
        """Count a look at descriptors while others could go on; False once there were many without a pass."""
        self._looks += 1
        return self._looks < MANY_LOOKS

    def goes_on(self, ready: Iterable[Any]) -> None:
        """Count a pass."""
        self._looks = 0
        self.passes += 1
        if self.passes % EVERY:
            return
        now = tuple(state for each in ready if (state := self._state(each)) is not None)
        if now in self._seen:
            self.again += EVERY
        else:
            self.again = 0
            self._seen.add(now)
