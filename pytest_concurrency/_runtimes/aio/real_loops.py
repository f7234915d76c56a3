"""Event loops wait in real time: told when nobody will ever wake them.

A loop with neither timers nor anything ready waits in `select` without a limit. In a thread that no run controls this
is done in slices, and the thread stands in the book of waits like one that waits for a lock. Nothing here imports
asyncio: `selectors` is patched, and a loop is looked at when one has slept for a while.
"""

from __future__ import annotations

import functools
import selectors
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import SWALLOWS
from pytest_concurrency._hangs.book import Wait, mine, waits
from pytest_concurrency._hangs.slices import PATIENCE, SLICE, WAKES
from pytest_concurrency._hangs.verdict import ending, lookout

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.aio.sleeping import SleepingLoop
    from pytest_concurrency._sight.watching import Watch


class Noting:
    """Lets asyncio's objects remember where they were made, from the first pass of the first loop on.

    Attributes:
        is_done: Whether they do.
    """

    def __init__(self, patches: Patches, watch: Watch) -> None:
        self.is_done = False
        self._patches = patches
        self._watch = watch

    def begin(self) -> None:
        """Do it, if asyncio is there altogether and no run is under way, whose own patches go first."""
        if not hasattr(sys.modules.get("asyncio"), "SelectorEventLoop") or here.task is not None:
            return
        self.is_done = True
        from pytest_concurrency._runtimes.aio import makers

        makers.install(self._patches, self._watch)


def install(patches: Patches, watch: Watch) -> None:
    """Let loops that wait without a limit do so in slices."""
    noting = Noting(patches, watch)
    noting.begin()
    for name in ("EpollSelector", "KqueueSelector", "DevpollSelector", "PollSelector", "SelectSelector"):
        kind = getattr(selectors, name, None)
        if kind is not None:
            patches.set(kind, "select", _in_slices(kind.select, noting))


def _in_slices(original: Callable[..., Any], noting: Noting) -> Callable[..., Any]:
    @functools.wraps(original)
    def select(self: Any, timeout: float | None = None) -> Any:
        if not noting.is_done:
            noting.begin()
        if timeout is not None or waits.root == 0 or here.task is not None:
            return original(self, timeout)
        return _for_ever(lambda length: original(self, length), self, sys._getframe(1))

    return select


def _for_ever(select: Callable[[float | None], Any], selector: Any, caller: FrameType) -> Any:
    """Wait until something is ready.

    Raises:
        DeadlockFound: Nobody can wake the loop (in the thread that runs the tests).
    """
    found = select(PATIENCE)
    if found:
        return found
    sleeping = _sleeping(selector, caller)
    if sleeping is None:
        return select(None)
    wait = Wait(sleeping)
    outer = waits.enter(wait)
    try:
        while not found:
            found = select(max(SLICE, WAKES * len(waits.now)))
            # Woken by a thread that the same verdict ends, it is stuck all the same.
            verdict = wait.verdict if found else lookout.look(wait)
            if verdict is not None and not wait.is_parked():
                if sleeping.serves() and _goes_on(verdict):
                    sleeping.cancel_all()
                    return found
                _end(wait, sleeping, verdict)
        return found
    finally:
        waits.leave(wait, outer)


def _sleeping(selector: Any, caller: FrameType) -> SleepingLoop | None:
    """Return the loop that waits; None if it is none, or if somebody outside of Python's threads may wake it."""
    if "asyncio" not in sys.modules:
        return None
    from pytest_concurrency._runtimes.aio import sleeping

    return sleeping.found(selector, caller)


def _goes_on(verdict: Report) -> bool:
    """Tell whether the verdict is about a test, so that others may come: threads are ended for other reasons, too."""
    return threading.main_thread().is_alive() and any(verdict is each for each in waits.given)


def _end(wait: Wait, sleeping: SleepingLoop, verdict: Report) -> None:
    """Raise what ends the wait; a loop whose code swallows it again and again sleeps on."""
    error = ending(wait, verdict)
    if mine.swallowed > SWALLOWS:
        wait.park()
        return
    if wait.ident.runs_the_tests:
        sleeping.let_go(error)
    raise error
