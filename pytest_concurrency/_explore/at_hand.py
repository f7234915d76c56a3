"""What threads from elsewhere have at hand, which live on while schedules come and go."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._sight.watching import is_at_work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch

LIBRARY: Final = ("threading", "queue")
"""Modules of the library whose objects threads meet at."""


def at_hand(watch: Watch, *, acting: bool = False) -> Iterator[Any]:
    """Yield the values of local variables, in code of the user's and of what threads meet at, of all other threads.

    Args:
        watch: Whose code is the user's.
        acting: Whether only of those that may do something of their own accord: they do not wait without a limit.
    """
    own = real.get_ident()
    for ident, frame in real.current_frames().items():
        if ident != own and not (acting and (ident in waits.now or is_at_work(frame))):  # or left behind by a run
            yield from _locals(frame, watch)


def _locals(innermost: FrameType, watch: Watch) -> Iterator[Any]:
    frame: FrameType | None = innermost
    while frame is not None:
        theirs = watch.is_watched(frame.f_code.co_filename) and frame.f_locals is not frame.f_globals
        if theirs or frame.f_globals.get("__name__") in LIBRARY:
            for value in list(frame.f_locals.values()):
                yield value
                if threading.Thread in type(value).__mro__:
                    yield from list(vars(value).values())
        frame = frame.f_back
