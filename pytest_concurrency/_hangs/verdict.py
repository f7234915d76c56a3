"""The verdict that everybody waits for ever: every kind's outlook is asked, and the waits are ended."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._hangs.book import EndThread, mine, waits
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._hangs.book import Wait

QUIET: Final = 0.5  # seconds in which nothing may have changed
BETWEEN_LOOKS: Final = 0.05  # seconds
SUSPICION: Final = 5.0  # seconds in which nothing may have moved where there is no certainty
BETWEEN_SUSPICIONS: Final = 0.5  # seconds
GRACE: Final = 0.5  # seconds that the verdict waits for the other threads to unwind


class _Lookout:
    """Looks on behalf of all who wait: one of them at a time, and each only now and then."""

    def __init__(self) -> None:
        self._looking = real.allocate_lock()
        self._next_look = 0.0
        self._picture: tuple[Any, ...] = ()
        self._same_since = 0.0
        self._next_suspicion = 0.0
        self._suspicion: tuple[Any, ...] = ()
        self._suspected_since = 0.0

    def forget_all(self) -> None:
        """Start anew in a forked child, where one thread is left."""
        self._looking = real.allocate_lock()
        self._picture = ()

    def look(self, wait: Wait) -> Report | None:
        """Return why the wait is to end, if it is; now and then look whether everybody is stuck."""
        if wait.verdict is not None:
            return wait.verdict
        if waits.elsewhere is not None and not wait.limited:
            waits.elsewhere.note(wait)
        now = real.monotonic()
        if wait.limited or now < self._next_look or waits.root == 0 or not self._looking.acquire(False):
            return None
        try:
            self._next_look = now + BETWEEN_LOOKS
            self._look(wait, now)
        finally:
            self._looking.release()
        return wait.verdict

    def _look(self, wait: Wait, now: float) -> None:
        seen = picture(wait)
        if not seen or seen != self._picture:
            self._picture, self._same_since = seen, now
        elif now - self._same_since >= QUIET and nobody_can_act(wait):
            condemn()
            self._picture = ()
            return
        if now >= self._next_suspicion:
            self._next_suspicion = now + BETWEEN_SUSPICIONS
            self._suspect(wait, now)

    def _suspect(self, wait: Wait, now: float) -> None:
        seen = suspicion(wait)
        if not seen or seen != self._suspicion:
            self._suspicion, self._suspected_since = seen, now
        elif now - self._suspected_since >= SUSPICION:
            refusals = [each for each in seen if isinstance(each, str)]
            if refusals:
                waits.refuse(refusals[0])
                return
            condemn(certain=False)
            self._suspicion = ()


lookout: Final = _Lookout()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lookout.forget_all)


def picture(looker: Wait) -> tuple[Any, ...]:
    """Return who waits for what if in no kind anybody seems able to act, else ()."""
    seen: tuple[Any, ...] = ()
    for outlook in waits.outlooks():
        part = outlook.picture(waits, looker)
        if part is None:
            return ()
        seen += part
    return seen


def nobody_can_act(looker: Wait) -> bool:
    """Tell whether every kind is certain that the present waits never end."""
    return all(outlook.nobody_can_act(waits, looker) for outlook in waits.outlooks())


def suspicion(looker: Wait) -> tuple[Any, ...]:
    """Return who seems to wait for ever if in no kind anybody seems able to act, else ()."""
    seen: tuple[Any, ...] = ()
    for outlook in waits.outlooks():
        doubting = getattr(outlook, "suspicion", None)
        if doubting is None:
            part = outlook.picture(waits, looker) if outlook.nobody_can_act(waits, looker) else None
        else:
            part = doubting(waits, looker)
        if part is None:
            return ()
        seen += part
    return seen


def condemn(*, certain: bool = True) -> None:
    """End all waits: make the report, and have every thread that is stuck raise at its next slice."""
    from pytest_concurrency._hangs import telling  # here, as few sessions need the words

    outlooks = list(waits.outlooks())
    stuck = [
        wait
        for wait in waits.now.copy().values()
        if not wait.idle and not _rests(wait) and not any(outlook.rests(waits, wait) for outlook in outlooks)
    ]
    report = telling.stall_report(waits, stuck) if certain else telling.suspicion_report(waits, stuck, SUSPICION)
    waits.give(report)
    if waits.root not in waits.now:
        sys.__stderr__ and sys.__stderr__.write(telling.last_words(report))
    for wait in stuck:
        for outlook in outlooks:
            outlook.end(wait, report)


def _rests(wait: Wait) -> bool:
    """Tell whether a thread serves others and has nothing to do; at the end of the process that is stuck, too."""
    return waits.root in waits.now and hasattr(wait.target, "is_idle") and bool(wait.target.is_idle())


def ending(wait: Wait, verdict: Report) -> BaseException:
    """Return what a thread is to raise instead of waiting on: the verdict where the tests run."""
    if not wait.ident.runs_the_tests:
        mine.hear(verdict)
        return EndThread()
    deadline = real.monotonic() + GRACE
    while real.monotonic() < deadline and any(
        other.verdict is verdict for other in waits.now.copy().values() if other is not wait
    ):
        real.sleep(0.002)
    return DeadlockFound(verdict)


def is_unwinding() -> bool:
    """Tell whether the running thread is on its way out because of a verdict."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, EndThread) or (
            isinstance(error, DeadlockFound) and any(error.report is each for each in waits.given)
        ):
            return True
        error = error.__context__
    return False
