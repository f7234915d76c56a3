"""What two wait for, one for a second and one for nine, when it comes at the end of the first second."""

import queue
import time
from collections.abc import Callable
from typing import Any

from programs.program import together

OUTCOMES = {"[(False, 1.0), (True, 1.0)]", "[(False, 9.0), (True, 1.0)]"}
"""Who was out of time gives up, whichever of the two it was."""


def waits_of_two(make: Callable[[], Any]) -> list[tuple[bool, float]]:
    """Return of each whether it got the lock, or the item of a queue, and how long it has waited."""
    thing, waited = make(), list[tuple[bool, float]]()
    is_queue = make is queue.SimpleQueue

    def take(seconds: float) -> bool:
        try:
            return bool(thing.get(timeout=seconds) if is_queue else thing.acquire(timeout=seconds))
        except queue.Empty:
            return False

    def wait(seconds: float) -> None:
        began = time.monotonic()
        waited.append((take(seconds), time.monotonic() - began))

    def give() -> None:
        time.sleep(1)
        if is_queue:
            thing.put("an item")
        else:
            thing.release()

    if not is_queue:
        thing.acquire()
    together(lambda: wait(1), lambda: wait(9), give)
    return sorted(waited)
