"""The serving hatch: two schedules, and a hatch that loses nothing.

The first schedule changes over between the look and the wait: the wake-up comes when nobody sleeps yet. The second lets
somebody else take the dish between the wake-up and the waking. The hatch leaves neither gap. Looking and falling asleep
is one step, as it happens under the lock that whoever changes something has to take, and `wait` releases it only when
it already stands in the list of those to be woken. Whoever wakes has the lock again and looks again, which `wait_for`
does by itself, also when its time is up. Two sorts wait for two different things, and `notify` cannot choose between
them: so whatever changes wakes all.
"""

import threading
from collections import deque
from typing import Any


class Closed(Exception):
    """The hatch is closed, and nothing will come any more. Given."""


def break_looks_outside() -> list[str]:
    """Return a schedule under which the waiter of a `LooksOutside` waits for ever."""
    return ["waiter: until take:24", "cook: to the end", "waiter: until it waits"]


def break_looks_once() -> list[str]:
    """Return a schedule under which a waiter of a `LooksOnce` finds nothing."""
    return ["ann: until it waits", "cook: until acquire", "cook: until acquire", "bob: to the end", "ann: to the end"]


class Hatch:
    """Where the kitchen puts the dishes, and the waiters wait for them."""

    def __init__(self) -> None:
        """Begin open, and with no dish."""
        self._dishes: deque[Any] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, dish: Any) -> None:
        """Put a dish there; raise Closed if the hatch is closed."""
        with self._changed:
            if self._closed:
                raise Closed
            self._dishes.append(dish)
            self._changed.notify_all()

    def take(self, patience: float | None = None) -> Any:
        """Take the oldest dish, or wait for one; raise TimeoutError or Closed if none comes."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._dishes or self._closed, patience):
                raise TimeoutError(f"no dish within {patience} s")
            if not self._dishes:
                raise Closed
            dish = self._dishes.popleft()
            self._changed.notify_all()
            return dish

    def cleared(self, patience: float | None = None) -> bool:
        """Wait until no dish is left; tell whether it came to that."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._dishes, patience)

    def close(self) -> None:
        """Say that no dish will follow."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
