"""Threads that wait in real time, told as a report tells the tasks of a controlled run."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling import causes
from pytest_concurrency._core.telling.report import Report, TaskState, Waiting
from pytest_concurrency._core.telling.text import render_report
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.real_waits import Mark
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.watching import OWN, STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from pytest_concurrency._runtimes.threads.real_waits import Wait, Waits
    from pytest_concurrency._sight.watching import Watch

_OWNER = re.compile(r"owner=(\d+)")


def stall_report(waits: Waits, stuck: Iterable[Wait]) -> Report:
    """Tell that all these threads wait for ever."""
    assert waits.watch is not None
    states = wait_states(waits, stuck, waits.watch)
    return Report(
        headline=causes.deadlock_headline(states),
        tasks=states,
        cause=causes.deadlock_cause(states),
    )


def last_words(report: Report) -> str:
    """Tell at the end of the process whom it did not wait for."""
    text = "\n".join(render_report(report))
    return f"pytest-concurrency ended threads that tests left behind:\n{text}\n"


def wait_states(waits: Waits, stuck: Iterable[Wait], watch: Watch) -> tuple[TaskState, ...]:
    """Return what each thread waits for: the one that runs the tests first, then by name."""
    frames = real.current_frames()
    ordered = sorted(stuck, key=lambda wait: (wait.ident != waits.root, _natural(wait.ident.name)))
    return tuple(_state(wait, frames.get(wait.ident), watch) for wait in ordered)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts `Thread-10` after `Thread-9`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _state(wait: Wait, frame: FrameType | None, watch: Watch) -> TaskState:
    user = stacks.user_frame(frame, watch)
    place = stacks.frame_place(user) if user is not None else None
    return TaskState(wait.ident.name, "waits", place, _waiting(wait, frame, watch))


def _waiting(wait: Wait, frame: FrameType | None, watch: Watch) -> Waiting:
    method, owner = _library_call(frame, watch)
    target = wait.target
    if isinstance(target, threading.Thread):
        if owner is not None and not isinstance(owner, threading.Thread):
            name, made = naming.describe(owner)
            return Waiting(f"{type(owner).__name__}.{method}", name, made, (target.name,))
        return Waiting("Thread.join", f"thread {target.name}")
    name, made = naming.describe(target if owner is None else owner)
    if owner is None or Resource in type(owner).__mro__:
        action = "get" if target.kind == "SimpleQueue" else "acquire"
        return Waiting(f"{target.kind}.{action}", name, made, holders(target))
    return Waiting(f"{type(owner).__name__}.{method}", name, made, holders(target))


def _library_call(frame: FrameType | None, watch: Watch) -> tuple[str, Any]:
    """Return (method, object) of the outermost call into the standard library that a thread is in.

    What starts threads is no such call: a thread may have a method of the library as its target.
    """
    method, owner = "", None
    while frame is not None and frame.f_code.co_qualname not in _BEGINNINGS:
        kind = watch.kind(frame.f_code.co_filename)
        if kind is STANDARD and frame.f_code.co_varnames[:1] == ("self",):
            method, owner = frame.f_code.co_name, frame.f_locals["self"]
        elif kind is not OWN:
            break
        frame = frame.f_back
    return method, owner


_BEGINNINGS: Final = frozenset({"Thread.run", "_WorkItem.run", "_worker"})


def holder_of(double: Any) -> Mark | None:
    """Return the thread that holds a lock, as far as that is known; it may have ended."""
    mark = double.thread
    if not isinstance(mark, Mark) or double.kind == "SimpleQueue":
        return None
    if double.kind == "RLock":
        owner = _OWNER.search(repr(double.real))
        return mark if owner is not None and int(owner[1]) == mark else None
    return mark if double.real.locked() and not double.is_waiter else None


def holders(double: Any) -> tuple[str, ...]:
    """Return who holds a lock, by name."""
    mark = holder_of(double)
    if mark is None:
        return ()
    return (f"{mark.name}, which has ended" if mark.has_ended else mark.name,)
