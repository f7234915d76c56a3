"""Whether any thread of this process could still wake one that waits for ever.

The answer "nobody" is given only when it is known: a thread that runs, sleeps, waits with a limit
or for the world outside, a timer, a signal's handler, a thread of a C library - each of them
could act, and then there is no verdict.
"""

from __future__ import annotations

import os
import platform
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._hangs.book import EndThread, silence
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import suspecting
from pytest_concurrency._sight.watching import OWN, STANDARD, is_own

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.telling.report import Report, TaskState
    from pytest_concurrency._hangs.book import Wait, Waits
    from pytest_concurrency._sight.watching import Watch

INFRASTRUCTURE: Final = frozenset({"execnet", "xdist", "pytest_timeout", "pdb"})
"""Packages whose threads and handlers serve pytest and never touch what a test made."""

_FUTEX: Final = {"x86_64": "202", "aarch64": "98"}.get(platform.machine(), "")
_PRIVATE: Final = 128
_BELOW: Final = frozenset({"threading", "selectors"})  # whose functions a wait of ours may be inside
_TASKS: Final = "/proc/self/task"
_threads: Any = threading


class ThreadsOutlook:
    """Knows of the threads that wait in real time, and of all the others."""

    def picture(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        """Return who waits for what if every thread seems to wait for ever, else None."""
        now = waits.now.copy()
        frames = real.current_frames()
        root = waits.root
        if root not in now and not _at_exit(frames.get(root)):
            return None
        for ident, frame in frames.items():
            wait = now.get(ident)
            if wait is None:
                if ident != root and not is_infrastructure(ident, frame, waits.watch):
                    return None
            elif wait is not looker and not _is_inside(wait, frame):
                return None
        return tuple(wait for _, wait in sorted(now.items(), key=lambda pair: pair[0]))

    def nobody_can_act(self, waits: Waits, looker: Wait) -> bool:
        """Tell whether it is certain that the present waits never end."""
        now = waits.now.copy()
        return (
            not _threads._limbo
            and all(_is_hopeless(wait, now, looker) for wait in now.values())
            and not _unseen_threads(now)
            and not _signal_may_come()
            and not _natives_may_act(waits, now)
        )

    def suspicion(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        """Return where every thread stands if they all seem to wait for ever, equal while none moves; else None."""
        now = waits.now.copy()
        stuck = suspecting.in_locks_of_others(waits, _waits_for_a_thread, is_infrastructure)
        if stuck is None or waits.root not in now or waits.timed or _threads._limbo or _unseen_threads(now):
            return None
        if not all(suspecting.waits_for_one_of(wait, stuck, looker) for wait in now.values()):
            return None
        if _natives_may_act(waits, now):
            return None
        why = suspecting.somebody_may_signal() if _signal_may_come() else None
        if why is not None:
            return (why,)
        waiting = tuple(wait for _, wait in sorted(now.items(), key=lambda pair: pair[0]))
        return (
            *waiting,
            *((ident, frame.f_code, frame.f_lasti) for ident, frame in sorted(stuck.items(), key=lambda pair: pair[0])),
        )

    def suspects(self, waits: Waits, watch: Watch) -> list[TaskState]:
        """Return how those stand who wait in no double, and leave them behind."""
        stuck = suspecting.in_locks_of_others(waits, _waits_for_a_thread, is_infrastructure)
        return list(suspecting.states(stuck or {}, watch))

    def rests(self, waits: Waits, wait: Wait) -> bool:
        """Return False: a pool's worker says so itself."""
        return False

    def others(self, waits: Waits) -> list[TaskState]:
        """Return nobody: they are all in the book."""
        return []

    def end(self, wait: Wait, verdict: Report) -> None:
        """Have a thread raise at the end of its slice: the verdict where the tests run, else what unwinds it."""
        if not wait.ident.runs_the_tests:
            silence(wait.ident.thread, EndThread)
        wait.end(verdict)


def _at_exit(frame: FrameType | None) -> bool:
    """Tell whether the thread that ran the tests is at the end of the process, joining the others."""
    while frame is not None:
        if frame.f_code is _threads._shutdown.__code__:
            return True
        if frame.f_globals.get("__name__") not in ("threading", "concurrent.futures.thread"):
            return False
        frame = frame.f_back
    return False


def _is_inside(wait: Wait, frame: FrameType) -> bool:
    """Tell whether a thread is in its wait and not, say, in a signal's handler in the middle of it."""
    each: FrameType | None = frame
    while each is not None and (each.f_globals.get("__name__") in _BELOW or is_own(each.f_code.co_filename)):
        if each.f_code is wait.inside:
            return True
        each = each.f_back
    return False


def is_infrastructure(ident: int, frame: FrameType, watch: Watch | None) -> bool:
    """Tell whether a thread serves pytest and never touches what a test made."""
    thread = _threads._active.get(ident)
    function = getattr(thread, "function", None)  # a Timer's
    if getattr(function, "__module__", None) in INFRASTRUCTURE:
        return True
    found = False
    each: FrameType | None = frame
    while each is not None:
        name = each.f_globals.get("__name__", "").partition(".")[0]
        if name in INFRASTRUCTURE:
            found = True
        elif watch is None or watch.kind(each.f_code.co_filename) not in (STANDARD, OWN):
            return False
        each = each.f_back
    return found


def _is_hopeless(wait: Wait, now: dict[int, Wait], looker: Wait) -> bool:
    """Tell whether what a thread waits for is still not to be had."""
    target = wait.target
    if wait.is_parked():
        return True
    if isinstance(target, threading.Thread):
        return target.ident in now and now[target.ident].ident.thread is target
    return bool(target.is_hopeless(own=wait is looker))


def _unseen_threads(now: dict[int, Wait]) -> bool:
    """Tell whether a thread is just beginning or ending, so that it has no frame."""
    frames = real.current_frames()
    return any(ident not in frames and ident not in now for ident in list(_threads._active))


def _signal_may_come() -> bool:
    """Tell whether the test, or a library, has set a handler that may act at any moment."""
    known = {signal.SIG_DFL, signal.SIG_IGN, None, signal.default_int_handler}
    for number in signal.valid_signals():
        handler: Any = signal.getsignal(number)
        if handler not in known and not _is_harmless(_module_of(handler)):
            return True
    return False


def _is_harmless(module: str) -> bool:
    """Tell whether handlers of a module act only at Ctrl-C, as Python's own does, or serve pytest."""
    return module == "asyncio.runners" or module.partition(".")[0] in INFRASTRUCTURE


def _module_of(function: Any) -> str:
    function = getattr(function, "func", function)  # of a partial
    code = getattr(function, "__globals__", None)
    return str(code.get("__name__", "") if code is not None else getattr(type(function), "__module__", ""))


def _natives_may_act(waits: Waits, now: dict[int, Wait]) -> bool:
    """Tell whether a thread that Python knows nothing of does anything but wait for another thread.

    Linux tells in which system call each thread is; elsewhere such threads cannot be seen.
    """
    try:
        natives = {int(name) for name in os.listdir(_TASKS)}
    except OSError:
        return False
    natives -= {wait.native for wait in now.values()}
    natives -= {thread.native_id for thread in list(_threads._active.values())}
    bare = sum(1 for ident in real.current_frames() if ident not in now and ident not in _threads._active)
    active = sum(1 for native in natives if not _waits_for_a_thread(native))
    return active > bare + waits.extra_natives


def _waits_for_a_thread(native: int) -> bool:
    """Tell whether a native thread waits without a limit for another thread of this process."""
    try:
        with open(f"{_TASKS}/{native}/syscall", encoding="ascii") as file:
            number, *arguments = file.read().split()
    except FileNotFoundError:
        return True  # it has just ended
    except (OSError, ValueError):
        return False
    if number != _FUTEX or len(arguments) < 4:
        return False
    return bool(int(arguments[1], 16) & _PRIVATE) and int(arguments[3], 16) == 0
