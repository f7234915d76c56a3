"""Threads that wait in real time, told as a report tells the tasks of a controlled run."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import TaskState, Waiting
from pytest_concurrency._core.telling.text import render_report
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._hangs.book import Mark
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from pytest_concurrency._core.telling.report import Place, Report
    from pytest_concurrency._hangs.book import Wait, Waits
    from pytest_concurrency._sight.watching import Watch


def stall_report(waits: Waits, stuck: Iterable[Wait]) -> Report:
    """Tell that all these threads wait for ever."""
    assert waits.watch is not None
    others = [state for outlook in waits.outlooks() for state in outlook.others(waits)]
    return explain.waits((*wait_states(waits, stuck, waits.watch), *others))


def suspicion_report(waits: Waits, stuck: Iterable[Wait], seconds: float) -> Report:
    """Tell that all these seem to wait for ever, with the others that wait in no double."""
    assert waits.watch is not None
    frames = real.current_frames()
    states = [
        replace(state, stack=stacks.callers(frames.get(wait.ident), waits.watch))
        for wait in sorted(stuck, key=lambda wait: not wait.ident.runs_the_tests)
        for state in wait_states(waits, [wait], waits.watch)
    ]
    for outlook in waits.outlooks():
        suspects = getattr(outlook, "suspects", None)
        states += [] if suspects is None else suspects(waits, waits.watch)
    names = ", ".join(state.name for state in states)
    return explain.standing(f"probably stuck: nothing has moved for {seconds:g} s in {names}", states)


def last_words(report: Report) -> str:
    """Tell at the end of the process whom it did not wait for."""
    text = "\n".join(render_report(report))
    return f"pytest-concurrency ended threads that tests left behind:\n{text}\n"


def wait_states(waits: Waits, stuck: Iterable[Wait], watch: Watch) -> tuple[TaskState, ...]:
    """Return what each thread waits for: the one that runs the tests first, then by name."""
    frames = real.current_frames()
    ordered = sorted(stuck, key=lambda wait: (not wait.ident.runs_the_tests, _natural(wait.ident.name)))
    return tuple(state for wait in ordered for state in _states(wait, frames.get(wait.ident), watch))


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts `Thread-10` after `Thread-9`."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _states(wait: Wait, frame: FrameType | None, watch: Watch) -> list[TaskState]:
    if hasattr(wait.target, "states"):  # the thread stands for many
        return list(wait.target.states(watch))
    place, inside = stacks.standing(frame, watch)
    return [TaskState(wait.ident.name, "waits", place, _waiting(wait, frame, watch), inside=inside)]


def _waiting(wait: Wait, frame: FrameType | None, watch: Watch) -> Waiting:
    method, owner = stacks.inner_call(frame, watch)
    target = wait.target
    if hasattr(target, "waiting"):  # in another process
        waiting: Waiting = target.waiting(method, owner)
        return waiting
    if isinstance(target, threading.Thread):
        if owner is not None and not isinstance(owner, threading.Thread):
            name, made = naming.describe(owner)
            return Waiting(f"{type(owner).__name__}.{method}", name, made, (target.name,))
        return Waiting("Thread.join", f"thread {target.name}")
    user = stacks.user_frame(frame, watch)
    told = naming.waiting_at(target, method, owner, holders(target), user, _taken(target))
    aside = naming.taken_aside(target, None, frame) if target.holder_now() is wait.ident else None
    return told if aside is None else replace(told, aside=True, taken=aside)


def _taken(double: Any) -> Place | None:
    """Return where a thread that is still inside has taken a lock."""
    holder = double.holder_now()
    frame = real.current_frames().get(holder) if isinstance(holder, Mark) and not holder.has_ended else None
    return naming.taken_by_with(frame, double)


def holders(double: Any) -> tuple[str, ...]:
    """Return who holds a lock, by name, as far as that is known; it may have ended."""
    holder = double.holder_now()
    if holder is None:
        return ()
    return (f"{holder.name}, which has ended" if isinstance(holder, Mark) and holder.has_ended else holder.name,)
