"""Loops that never rest: whether their tasks come back to the same states again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._runtimes.aio.steps import frames, task_of

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY: Final = 100
"""So often, in passes, is looked."""
PATIENT: Final = 500
"""After so many passes in known states time passes, though somebody could go on: they ask for what time will bring."""
ENDLESS: Final = 50_000
"""After so many nothing will ever change."""
MANY_LOOKS: Final = 16
_PLAIN: Final = frozenset({int, float, str, bool, bytes})


class Spinning:
    """Counts the passes of one loop since it rested.

    Attributes:
        passes: How many.
        again: How many of them, about, in states that had been seen before.
    """

    def __init__(self) -> None:
        self.passes = 0
        self.again = 0
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
        now = tuple(_state(handle) for handle in ready if not handle._cancelled)
        if now in self._seen:
            self.again += EVERY
        else:
            self.again = 0
            self._seen.add(now)


def _state(handle: Any) -> tuple[Any, ...]:
    """Return where a handle's task is, and the numbers and texts in its variables."""
    task = task_of(handle)
    if task is None:
        return (getattr(handle._callback, "__qualname__", type(handle._callback)),)
    state: list[Any] = []
    for frame in frames(task.get_coro()):
        state += [frame.f_code, frame.f_lasti, *(each for each in frame.f_locals.values() if type(each) in _PLAIN)]
    return tuple(state)
