"""A wait without a limit is done a slice at a time, so that a verdict can end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._hangs.book import waits
from pytest_concurrency._hangs.verdict import lookout
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._hangs.book import Wait

PATIENCE: Final = 0.2  # seconds before a waiting thread looks for the first time
SLICE: Final = 0.05
LONG: Final = 0.2  # a slice, for who has waited long
WAKES: Final = 0.001  # a slice grows with the number of waiting threads: so many seconds for each


def in_slices(
    wait: Wait,
    timeout: float | None,
    attempt: Callable[[float], bool],
    ending: Callable[[Wait, Report], BaseException],
) -> bool:
    """Try for a slice at a time, and look in between; False if that took too long.

    Args:
        wait: The wait, which stands in the book.
        timeout: Seconds after which the thread gives up, or None.
        attempt: Tries for so many seconds, and tells whether it was enough.
        ending: Returns what the thread is to raise instead of waiting on.
    """
    began = real.monotonic()
    length = PATIENCE
    while True:
        if timeout is not None:
            length = min(length, began + timeout - real.monotonic())
            if length <= 0:
                return False
        if attempt(length):
            return True
        verdict = lookout.look(wait)
        if verdict is not None:
            raise ending(wait, verdict)
        length = max(SLICE if real.monotonic() - began < 2.0 else LONG, WAKES * len(waits.now))
