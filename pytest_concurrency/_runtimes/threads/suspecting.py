"""Threads that seem to wait for ever in locks that are no doubles, or while a handler of a signal is set.

Who holds such a lock is not known, so there is no certainty. But where every thread waits without a limit for
another thread of this process, as the system says, and none has moved for a while, somebody would have to come
from outside; and nobody does where neither a timer is wound up nor a child runs that could send a signal.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import TaskState, Waiting
from pytest_concurrency._engine import naming
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import parking
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._hangs.book import Wait, Waits
    from pytest_concurrency._sight.watching import Watch

TASKS: Final = "/proc/self/task"
_threads: Any = threading


def in_locks_of_others(
    waits: Waits,
    waits_for_a_thread: Callable[[int], bool],
    is_infrastructure: Callable[[int, FrameType, Watch | None], bool],
) -> dict[int, FrameType] | None:
    """Return the threads that are no infrastructure, wait in no double and, as the system says, for another thread.

    Args:
        waits: The book.
        waits_for_a_thread: Tells so of a native thread.
        is_infrastructure: Tells so of a thread.

    Returns:
        Each thread's frame by its ident; None if one of them does anything else.
    """
    found = {}
    for ident, frame in real.current_frames().items():
        if ident in waits.now or (ident != waits.root and is_infrastructure(ident, frame, waits.watch)):
            continue
        thread = _threads._active.get(ident)
        if thread is None or ident in waits.timed or ident == waits.root:
            return None
        if not waits_for_a_thread(thread.native_id):
            return None
        found[ident] = frame
    return found


def waits_for_one_of(wait: Wait, stuck: dict[int, FrameType], looker: Wait) -> bool:
    """Tell whether what a thread in the book waits for is still not to be had, or needs one of those to end."""
    target = wait.target
    if isinstance(target, threading.Thread):
        return real.thread_is_alive(target)
    return wait.is_parked() or bool(target.is_hopeless(own=wait is looker))


class Refusal(str):
    """Why nothing can be said of threads that do not move."""

    __slots__ = ()


def somebody_may_signal() -> Refusal | None:
    """Say who may call a handler of a signal that is set; None where nobody is known."""
    for name in ("REAL", "VIRTUAL", "PROF"):
        timer = getattr(signal, f"ITIMER_{name}", None)
        if timer is not None and signal.getitimer(timer)[0] and not _is_of_pytest_timeout():
            return Refusal("a timer of the system was wound up")
    return Refusal("a child process could have sent a signal that has a handler") if _has_children() else None


def _is_of_pytest_timeout() -> bool:
    """Tell whether the timer of the system is the one that ends a test that takes too long."""
    handler = signal.getsignal(signal.SIGALRM)
    return str(getattr(handler, "__module__", "")).partition(".")[0] == "pytest_timeout"


def _has_children() -> bool:
    """Tell whether this process has children; where the system does not say, it may have."""
    try:
        for name in os.listdir(TASKS):
            with open(f"{TASKS}/{name}/children", encoding="ascii") as file:
                if file.read().strip():
                    return True
    except OSError:
        return True
    return False


def states(stuck: dict[int, FrameType], watch: Watch) -> Iterator[TaskState]:
    """Yield how those threads stand, and let the end of the process not wait for them."""
    for ident, frame in stuck.items():
        thread = _threads._active.get(ident)
        name = f"thread {ident}" if thread is None else thread.name
        place, inside = stacks.standing(frame, watch)
        user = stacks.user_frame(frame, watch)
        text = next((text for text, found in naming.named_in(user) if type(found) is real.LockType), "") if user else ""
        target = f"Lock `{text}`, which is no double" if text else ""
        waiting = Waiting("Lock.acquire" if text else "a call of C", target)
        yield TaskState(name, "waits", place, waiting, stacks.callers(frame, watch), inside)
        if thread is not None:
            parking.park(thread)
