"""What goes wrong among greenlets without an error: told to those who listen to a run, as notices."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import quietly
from pytest_concurrency._engine.listener import Notice
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.greenlets.steps import is_heard
from pytest_concurrency._runtimes.greenlets.watchers import Timer, is_limit
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._runtimes.greenlets.steps import GreenletTask
    from pytest_concurrency._runtimes.greenlets.watchers import Watcher
    from pytest_concurrency._sight.watching import Watch


def timer_started(run: Run, timer: Timer) -> None:
    """Note where a timer is started, if anybody wants to know."""
    if is_heard(run):
        timer.is_started_at(stacks.line_of(telling.caller(sys._getframe(1), run.watch)))


@quietly
def at_the_end(run: Run, parts: Iterable[GreenletTask], watchers: Iterable[Watcher]) -> None:
    """Tell who has not ended, who failed and nobody has looked, and which time limits still run."""
    for part in parts:
        greenlet = part.greenlet
        if greenlet is None or not hasattr(greenlet, "exception"):
            continue
        if not greenlet.ready():
            _left(run, part, greenlet)
        elif isinstance(greenlet.exception, Exception) and _is_as_it_was(part, greenlet.exception, run.watch):
            _lost(run, part, greenlet)
    for each in watchers:
        if isinstance(each, Timer) and is_limit(each):
            seconds = getattr(getattr(each.callback, "__self__", None), "seconds", 0)
            who = f"a Timeout of {seconds:g} s"
            _tell(run, "left_open", who, "still runs when the scenario has returned", _line(*each.line))


def _left(run: Run, part: GreenletTask, greenlet: Any) -> None:
    frame = part.stands_at()
    stood = () if frame is None else (f"it stood at {_place(stacks.frame_place(frame))}",)
    _tell(run, "left_tasks", part.name, "has not ended when the scenario has returned", _made(greenlet), *stood)


def _is_as_it_was(part: GreenletTask, error: BaseException, watch: Watch) -> bool:
    """Tell whether a greenlet's error was raised nowhere else: `get` raises it again, in whoever calls it."""
    trace = error.__traceback__
    while trace is not None and not watch.is_watched(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace is not None and (part.code is None or trace.tb_frame.f_code is part.code)


def _lost(run: Run, part: GreenletTask, greenlet: Any) -> None:
    lines = stacks.error_lines(greenlet.exception, run.watch)
    what = f"raised {lines[0]}, and nobody has looked"
    _tell(run, "lost_exceptions", part.name, what, _made(greenlet), *lines[1:])


def _made(greenlet: Any) -> str:
    place = telling.made(greenlet)
    return "" if place is None else _place(place)


def _tell(run: Any, habit: str, who: str, what: str, place: str, *more: str) -> None:
    run.listener.noticed(Notice(habit, who, what, place, more))


def _place(place: Any) -> str:
    return f"{place}  {place.source}"


def _line(file: str, line: int) -> str:
    return f"{stacks.shorten(file)}:{line}  {stacks.line_text(file, line)}" if file else ""
