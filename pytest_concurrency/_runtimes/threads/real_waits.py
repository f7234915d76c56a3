"""Threads wait in real time: doubles outside a controlled run, told when what they wait for never comes.

Problem: the thread that runs the tests waits for a lock that nobody will ever release. A lock
cannot be asked who waits for it, and nothing interrupts a thread inside the real `acquire`.

Solution: a double that cannot have its object at once enters the thread in the book of waits and
waits in slices. When the picture has not changed for a while, one of the waiting threads looks
whether anybody at all could still act (`_hangs/verdict.py`); if nobody can, each of them raises at
the end of its slice: the thread that runs the tests the verdict, the others what unwinds them. No
thread of ours is needed, and a double that nobody else holds never comes here.
"""

from __future__ import annotations

import _queue
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.task import SWALLOWS
from pytest_concurrency._hangs.book import Wait, mine, waits
from pytest_concurrency._hangs.slices import PATIENCE, in_slices
from pytest_concurrency._hangs.verdict import ending, is_unwinding
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import handlers, parking

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Report

FEW: Final = 5  # a thread that swallows what unwinds it more often gets no patience any more


def acquire(lock: Any, blocking: bool, timeout: float) -> bool:  # noqa: FBT001 # as `acquire` takes them
    """Acquire a lock outside a run."""
    if timeout == -1 and blocking:
        if not lock.real.acquire(False):
            if handlers.goes_in(lock):
                return True
            wait_for_lock(lock)
    elif blocking and PATIENCE < timeout <= real.TIMEOUT_MAX:
        if not lock.real.acquire(False) and not wait_for_lock(lock, timeout):
            return False
    elif not lock.real.acquire(blocking, timeout):
        return False
    lock.taken_by(mine.mark)
    if waits.order is not None:
        waits.order.took(lock, may_wait=blocking and timeout == -1)
    return True


def release(lock: Any) -> None:
    """Release a lock outside a run; while a verdict unwinds its thread this never fails."""
    if waits.order is not None:
        waits.order.gave(lock)
    try:
        lock.real.release()
    except RuntimeError:
        if not is_unwinding():
            raise


def wait_for_lock(double: Any, timeout: float | None = None) -> bool:
    """Acquire the real lock of a double that is taken; False if that took too long.

    Raises:
        DeadlockFound: Nobody will ever release it (in the thread that runs the tests).
    """
    if timeout is None:
        handlers.refuse_own(double)
    wait = Wait(double, limited=timeout is not None)
    outer = waits.enter(wait)
    acquire = double.real.acquire
    try:
        if waits.order is not None and timeout is None:
            waits.order.about_to_wait(wait)
        if mine.verdict is not None or (timeout is None and is_unwinding()):
            if not acquire(True, PATIENCE if mine.swallowed < FEW else 0):
                raise _ending(wait, mine.verdict if mine.verdict is not None else waits.given[-1])
        elif not in_slices(wait, timeout, lambda length: bool(acquire(True, length)), _ending):
            return False
        if wait.verdict is not None:
            double.real.release()
            raise _ending(wait, wait.verdict)
        return True
    finally:
        waits.leave(wait, outer)


def wait_for_item(double: Any, timeout: float | None = None, *, idle: bool = False) -> Any:
    """Get an item from the real queue of a double that is empty.

    An `idle` thread is a pool's worker between two jobs: it is never stuck, whatever happens.

    Raises:
        DeadlockFound: Nobody will ever put one (in the thread that runs the tests).
        queue.Empty: That took too long.
    """
    wait = Wait(double, idle=idle, limited=timeout is not None)
    outer = waits.enter(wait)
    if idle:
        mine.forget()
    items: list[Any] = []

    def get(length: float) -> bool:
        if mine.verdict is not None:
            raise _ending(wait, mine.verdict)
        try:
            items.append(double.real.get(True, length))
        except _queue.Empty:
            return False
        return True

    try:
        if not in_slices(wait, timeout, get, _ending):
            raise _queue.Empty
        return items[0]
    finally:
        waits.leave(wait, outer)


def join(thread: threading.Thread, timeout: float | None = None) -> None:
    """Join a thread.

    Raises:
        DeadlockFound: It will never end (in the thread that runs the tests).
    """
    if timeout is not None and not timeout > PATIENCE:
        real.thread_join(thread, timeout)
        return
    real.thread_join(thread, PATIENCE / 2)  # raises what it should
    if not real.thread_is_alive(thread):
        return
    wait = Wait(thread, limited=timeout is not None)
    outer = waits.enter(wait)

    def ended(length: float) -> bool:
        if mine.verdict is not None:
            raise _ending(wait, mine.verdict)
        real.thread_join(thread, length)
        return not real.thread_is_alive(thread)

    try:
        in_slices(wait, None if timeout is None else timeout - PATIENCE / 2, ended, _ending)
    finally:
        waits.leave(wait, outer)


def _ending(wait: Wait, verdict: Report) -> BaseException:
    """Return what the running thread is to raise instead of waiting on; one that does not want to end is parked."""
    error = ending(wait, verdict)
    if mine.swallowed > SWALLOWS:
        wait.park()
        parking.park(threading.current_thread())
        never = real.allocate_lock()
        never.acquire()
        while True:
            never.acquire()
    return error
