"""A limit of real time for what the main thread runs, without control."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from pytest_concurrency._machine import real
from pytest_concurrency._machine.rouse import Rouser
from pytest_concurrency._machine.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator

_BETWEEN: Final = 0.5
"""Seconds from one attempt to the next, where the first was swallowed."""


class TimeIsUp(BaseException):
    """Ends what has taken too long."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let the body raise `TimeIsUp` when it has taken so long, also while it waits in C.

    Where that cannot be done, as it is not run by the main thread for one, there is no limit.
    """
    until = real.monotonic() + seconds
    is_over = False

    def strike() -> None:
        if not is_over:
            raise TimeIsUp

    def look() -> None:
        nonlocal until
        if real.monotonic() > until:
            until = real.monotonic() + _BETWEEN
            rouser.rouse()

    rouser = Rouser(strike)
    watchdog = Watchdog(look)
    with rouser.ready():
        watchdog.start()
        try:
            yield
        finally:
            is_over = True
            watchdog.stop()
