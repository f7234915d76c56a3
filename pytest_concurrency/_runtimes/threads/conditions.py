"""Conditions and events as a task meets them: whom a notification wakes is the engine's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import AWAIT, CLEAR, SET
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.locks import LockDouble

if TYPE_CHECKING:
    import threading

KEEPS_THE_TURN: Final = True


def is_set(self: threading.Event) -> bool:
    """Stand in for `Event.is_set`: a question that others may answer differently a step later."""
    task = here.task
    if task is not None:
        lock: Any = self._cond._lock  # type: ignore[attr-defined] # as threading does
        if type(lock) is LockDouble:
            lock.look(task)
    return self._flag  # type: ignore[attr-defined,no-any-return] # as threading does


def set_event(self: threading.Event) -> None:
    """Stand in for `Event.set`: say so to whoever orders operations."""
    with _about(self, SET):
        real.event_set(self)


def clear(self: threading.Event) -> None:
    """Stand in for `Event.clear`."""
    with _about(self, CLEAR):
        real.event_clear(self)


def wait(self: threading.Event, timeout: float | None = None) -> bool:
    """Stand in for `Event.wait`; with a limit it may see that the event is not set, and is about both."""
    if timeout is not None:
        return real.event_wait(self, timeout)
    with _about(self, AWAIT):
        return real.event_wait(self)


class _about:
    """While it lasts, what a task does with the lock of an event is about setting, clearing or awaiting it.

    Only for events that the run has made: whether another is set already cannot be told from the run.
    """

    __slots__ = ("_before", "_task")

    def __init__(self, event: threading.Event, mode: int) -> None:
        self._task = task = here.task
        if task is None:
            return
        self._before = task.purpose
        lock: Any = event._cond._lock  # type: ignore[attr-defined] # as threading does
        if type(lock) is LockDouble and lock.run is task.run and lock.is_of_run:
            task.means(lock.ops_about(mode))

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.means(self._before)


def acquire_restore(self: threading.Condition, _saved: object) -> None:
    """Stand in for `Condition._acquire_restore`: who is unwound out of a wait holds the lock as well."""
    lock: Any = self._lock  # type: ignore[attr-defined] # as threading does
    try:
        lock.acquire()
    except Unwind:
        task = here.task
        if task is not None and type(lock) is LockDouble:
            lock.take_back(task)
        raise


def notify(self: threading.Condition, n: int = 1) -> None:
    """Stand in for `Condition.notify`: which waiters are woken is the engine's choice."""
    task = here.task
    if task is not None:
        run = task.run
        waiters: Any = self._waiters  # type: ignore[attr-defined] # as threading does
        ours = [each for each in waiters if type(each) is LockDouble and each.run is run]
        if len(ours) < len(waiters):
            run.outside.wakes(task)
        if any(not each.waiters or each.waiters[0].timed_out for each in ours):
            # The order matters: who has seen that its time is up has not been told.
            touched = tuple(access for each in ours for access in each.op_take[1] or ())
            run.reach(task, ("notify", touched))
        if 0 < n < len(waiters):
            rest = list(waiters)
            chosen = [rest.pop(run.pick(task, len(rest))) for _ in range(n)]
            waiters.clear()
            waiters.extend(chosen + rest)
        run.progressed()
    real.notify(self, n)
