"""Threads of a test: where they are, and how they are ended if they are stuck."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import Place, TaskState
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._hangs import telling
from pytest_concurrency._hangs.book import EndThread, silence, waits
from pytest_concurrency._machine import cpu, real
from pytest_concurrency._machine.striking import raise_in
from pytest_concurrency._runtimes.threads import parking
from pytest_concurrency._runtimes.threads.outlook import is_infrastructure
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch

GRACE: Final = 1.0  # seconds that threads get for ending when they are told to
CHECK: Final = 0.005
DEEPEST: Final = 12  # frames of a stack that a report shows
_NEVER: Final = explain.standing("ended by the guard")

# -- where threads are


def thread_states(threads: Iterable[threading.Thread], watch: Watch) -> list[TaskState]:
    """Return where threads are now: what each waits for, or what it does."""
    frames = real.current_frames()
    return [_thread_state(thread, frames.get(thread.ident or 0), watch) for thread in threads]


def _thread_state(thread: Any, frame: FrameType | None, watch: Watch) -> TaskState:
    name: str = thread.name
    if frame is None:
        return TaskState(name, "is not running")
    wait = waits.of(thread)
    task = getattr(thread, "_concurrency_task", None)
    if task is not None:
        return naming.task_states([task], watch)[0]
    places = _user_places(frame, watch)
    place, callers = (places[0], tuple(places[1:DEEPEST])) if places else (None, ())
    if wait is not None and wait.ident.thread is thread:
        if wait.idle:
            return TaskState(name, "waits for a job")
        state = telling.wait_states(waits, [wait], watch)[0]
        return TaskState(name, state.state, state.place, state.waiting, callers)
    running = cpu.thread_is_ready(thread.native_id or 0)
    return TaskState(name, "runs" if running else "waits outside", place, None, callers)


def _user_places(frame: FrameType | None, watch: Watch) -> list[Place]:
    places = []
    while frame is not None:
        if watch.is_watched(frame.f_code.co_filename):
            places.append(stacks.frame_place(frame))
        frame = frame.f_back
    return places


def is_ours_to_judge(thread: threading.Thread, watch: Watch) -> bool:
    """Tell whether a thread is neither pytest's own nor of those who serve it."""
    frame = real.current_frames().get(thread.ident or 0)
    return frame is None or not is_infrastructure(thread.ident or 0, frame, watch)


def is_idle(thread: threading.Thread) -> bool:
    """Tell whether a thread is a pool's worker that waits for a job; it ends with the process."""
    wait = waits.now.get(thread.ident or 0)
    return wait is not None and wait.idle


# -- ending them


def end_threads(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Unwind threads that are stuck; return, parked, those that do not end."""
    left = [thread for thread in threads if thread is not threading.current_thread()]
    deadline = real.monotonic() + GRACE
    told: set[threading.Thread] = set()
    while left and real.monotonic() < deadline:
        for thread in left:
            _tell_to_end(thread, told)
        real.sleep(CHECK)
        left = [thread for thread in left if real.thread_is_alive(thread)]
    for thread in left:
        parking.park(thread)
    return left


def _tell_to_end(thread: threading.Thread, told: set[threading.Thread]) -> None:
    """Raise in a thread what unwinds it: at its next slice where it waits, else as soon as possible."""
    ident = thread.ident or 0
    wait = waits.of(thread)
    if thread not in told:
        told.add(thread)
        silence(thread, EndThread)
        if wait is None:
            raise_in(ident, EndThread)
    if wait is None or wait.ident.thread is not thread:
        return
    if wait.idle:
        _end_idle(thread)
    else:
        wait.end(_NEVER)


def _end_idle(thread: Any) -> None:
    """Let a pool's idle worker end as a shut down pool does."""
    args = getattr(thread, "_args", ())
    pool = args[0]() if args and callable(args[0]) else None
    if pool is not None:
        pool.shutdown(wait=False)


def in_words(name: str, *, stopped: bool) -> str:
    """Say what became of a thread that was to end."""
    if stopped:
        return f"{name} was ended"
    return f"{name} could not be ended: it is left behind, and the process will not wait for it"
