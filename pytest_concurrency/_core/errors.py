"""Every exception and warning of the package.

Three kinds, never mixed: a *verdict* (`ConcurrencyError` and its children: the tested code has a
bug), *misuse* (`ValueError`, `TypeError`, `RuntimeError`: the caller has), and `InternalError`
(we have, and no verdict is given).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Report


class ConcurrencyError(AssertionError):
    """A verdict: the code under test is wrong, and the report says how.

    Attributes:
        report: What was found, by whom, and how to see it again.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        from pytest_concurrency._core.telling.text import render_report  # few sessions ever print one

        return "\n".join(render_report(self.report))


class RaceFound(ConcurrencyError):
    """A schedule exists in which the scenario fails; the scenario's own error is the cause."""


class DeadlockFound(ConcurrencyError):
    """A schedule exists in which tasks wait for each other, or for nothing, for ever."""


class NoProgressFound(ConcurrencyError):
    """A schedule exists in which tasks run for ever without changing anything."""


class BusyWaitFound(ConcurrencyError):
    """A task asks again and again instead of waiting."""


class SleepOrderFound(ConcurrencyError):
    """A schedule fails only because a sleep did not last as long as its author hoped."""


class IgnoredTimeoutFound(ConcurrencyError):
    """A timed wait gave up, and its task went on as if it had not."""


class KeptLockFound(ConcurrencyError):
    """A lock or a permit stays taken when an error passes."""


class StarvationFound(ConcurrencyError):
    """A task waits while others have their turn again and again."""


class SerialisedFound(ConcurrencyError):
    """Work that could overlap never does."""


class OutlivingThreadFound(ConcurrencyError):
    """A thread runs on when its owner has returned."""


class FinaliserFound(ConcurrencyError):
    """A finaliser waits for a lock that its own thread holds, if the collector comes at the wrong moment."""


class NeverAwaitedFound(ConcurrencyError):
    """A coroutine function was called, and nobody has awaited what it returned."""


class LostExceptionFound(ConcurrencyError):
    """A task failed, and nobody has looked at its exception."""


class LeftTaskFound(ConcurrencyError):
    """A task of an event loop is left behind, or was collected while it waited."""


class SwallowedCancellationFound(ConcurrencyError):
    """A task was cancelled and goes on."""


class BlockingCallFound(ConcurrencyError):
    """A step of an event loop keeps the whole loop waiting."""


class LeftOpenFound(ConcurrencyError):
    """An async generator or a timer is left to the end of its loop."""


class OpenSocketFound(ConcurrencyError):
    """A socket is left open, or to the collector."""


class LockAcrossAwaitFound(ConcurrencyError):
    """A lock of threads is held while its task awaits."""


class CancelPointFound(ConcurrencyError):
    """A task that is cancelled at one of its awaits leaves something taken or half done."""


class BrokenInvariantFound(ConcurrencyError):
    """What must be true after every step is not true after one."""


class NotLinearizableFound(ConcurrencyError):
    """What calls have answered fits no order of them, one after the other."""


class StuckFound(ConcurrencyError):
    """A worker had not ended when its time was up."""


class LeakFound(ConcurrencyError):
    """A test left threads or child processes behind."""


class ChildFailed(ConcurrencyError):
    """A child process ended with an error, or was ended by a signal."""


class ReplayError(ValueError):
    """A replay that cannot be read, or that belongs to another test."""


class ScheduleError(ValueError):
    """A hand-written schedule that cannot be read, or that the scenario cannot follow."""


class PatchedError(RuntimeError):
    """In this process greenlets stand for threads, so that no schedule can be chosen."""


class NotDeterministicError(Exception):
    """Equal choices led to different operations, so the choices alone do not make the run.

    Attributes:
        where: The place where the runs parted, as `file:line`, or "" while it is not known.
    """

    def __init__(self, where: str = "") -> None:
        super().__init__(where)
        self.where = where

    def __str__(self) -> str:
        return f"not deterministic at {self.where or 'an unknown place'}"


class InternalError(Exception):
    """A bug in pytest-concurrency; no verdict about the tested code is given."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} (a bug in pytest-concurrency; please report it)"


class ConcurrencyWarning(UserWarning):
    """Something that makes a verdict weaker than it looks."""
