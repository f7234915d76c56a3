"""Virtual time: a clock that moves only when it is told to, in integer nanoseconds."""

from __future__ import annotations

import heapq
from typing import Final, Self

NS: Final = 1_000_000_000
FOREVER_NS: Final = 1 << 62


def to_ns(seconds: float) -> int:
    """Convert seconds to nanoseconds, rounding to the nearest."""
    return round(seconds * NS)


class Instant(float):
    """A time of a virtual clock in seconds, whose differences are exact.

    Floats near 1000 are too coarse: 1000.002 - 1000.0 < 0.002, and a right program that measures
    its own sleep would fail.

    Attributes:
        ns: The same time in nanoseconds.
    """

    __slots__ = ("ns",)
    ns: int

    def __new__(cls, ns: int) -> Self:
        made = super().__new__(cls, ns / NS)
        made.ns = ns
        return made

    def __sub__(self, other: float) -> float:
        if isinstance(other, Instant):
            return (self.ns - other.ns) / NS
        return self._moved(other, -1)

    def __add__(self, other: float) -> float:
        return self._moved(other, 1)

    __radd__ = __add__

    def _moved(self, seconds: float, sign: int) -> float:
        try:
            return Instant(self.ns + sign * to_ns(seconds))
        except (OverflowError, ValueError, TypeError):  # infinite, or no number: as a float has it
            return float(self) + sign * seconds

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)


class VirtualClock:
    """The time of one run and the deadlines that wait in it.

    Attributes:
        now_ns: Nanoseconds since the run began; starts at a whole number of seconds, so that
            differences of whole seconds are exact as floats.
    """

    __slots__ = ("_cancelled", "_heap", "_sequence", "_wall_start_ns", "now_ns")

    def __init__(self, start_ns: int = 1000 * NS, *, wall_start_ns: int = 0) -> None:
        self.now_ns = start_ns
        self._wall_start_ns = wall_start_ns
        self._heap: list[tuple[int, int, int]] = []
        self._sequence = 0
        self._cancelled: set[int] = set()

    @property
    def wall_ns(self) -> int:
        """Nanoseconds since the epoch, as the wall clock of the run tells them."""
        return self._wall_start_ns + self.now_ns

    def add(self, deadline_ns: int, task: int) -> int:
        """Register a deadline for a task and return a token for `cancel`."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(deadline_ns, self.now_ns), self._sequence, task))
        return self._sequence

    def cancel(self, token: int) -> None:
        """Forget a deadline that has not fired."""
        self._cancelled.add(token)

    def waits(self, task: int) -> bool:
        """Tell whether a task has a deadline that still waits."""
        return any(who == task and token not in self._cancelled for _, token, who in self._heap)

    def next_waiter(self) -> int | None:
        """Return the task whose deadline is the earliest, or None."""
        return None if self.next_deadline() is None else self._heap[0][2]

    def next_deadline(self) -> int | None:
        """Return the earliest deadline that still waits, or None."""
        heap = self._heap
        while heap and heap[0][1] in self._cancelled:
            self._cancelled.discard(heapq.heappop(heap)[1])
        return heap[0][0] if heap else None

    def flow(self, nanoseconds: int) -> None:
        """Move on by so much, but not beyond the earliest deadline."""
        deadline = self.next_deadline()
        now = self.now_ns + nanoseconds
        self.now_ns = now if deadline is None else max(self.now_ns, min(now, deadline))

    def advance(self) -> list[int]:
        """Move to the earliest deadline and return every task whose deadline that is.

        The tasks are in the order in which they began to wait; empty when nobody waits.
        """
        deadline = self.next_deadline()
        if deadline is None:
            return []
        self.now_ns = max(self.now_ns, deadline)
        fired = []
        while self.next_deadline() == deadline:
            fired.append(heapq.heappop(self._heap)[2])
        return fired
