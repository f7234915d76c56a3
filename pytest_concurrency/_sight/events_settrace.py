"""Yield points inside watched code for Python 3.11, by `sys.settrace` with opcode events.

Goes away when Python 3.11 is dropped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.touching import catalogue, touch

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

Tracer = Callable[["FrameType", str, Any], Any]


class Monitor:
    """Traces the threads of a run; a tracer that was there before still gets its events."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._before: Any = None
        self._ours: Tracer | None = None
        self._on = False
        self.saw_watched = False  # whether any watched code ran at all

    def start(self) -> None:
        """Begin to listen in the calling thread."""
        self._before = sys.gettrace()
        self._on = True
        self._ours = self._make(self._before)
        sys.settrace(self._ours)

    def start_again(self) -> None:
        """Listen on: the interpreter takes a tracer away through which an error has passed, as a run's end does."""
        if self._on and sys.gettrace() is None:
            sys.settrace(self._ours)

    def stop(self) -> None:
        """Leave no trace."""
        if self._on:
            self._on = False
            sys.settrace(self._before)

    def enter_thread(self) -> None:
        """Begin to listen in a task's thread, before the tracer that its thread would have."""
        before: Any = sys.gettrace()
        sys.settrace(self._make(before))

    def leave_thread(self) -> None:
        """Stop listening in a task's thread."""
        sys.settrace(None)

    def _make(self, before: Tracer | None) -> Tracer:
        def on_call(frame: FrameType, event: str, arg: Any) -> Any:
            return self._call(frame, event, arg, before, on_call)

        return on_call

    def _call(self, frame: FrameType, event: str, arg: Any, before: Tracer | None, ours: Tracer) -> Any:
        below = _forward(before, frame, event, arg, ours)
        code = frame.f_code
        if not self._on or not self._watch.is_watched(code.co_filename):
            return below
        self.saw_watched = True
        table = catalogue.table(code)
        if not table:
            return below
        frame.f_trace_opcodes = True
        frame.f_trace_lines = below is not None
        return _local(table, below, ours)


def _forward(tracer: Tracer | None, frame: FrameType, event: str, arg: Any, ours: Tracer) -> Tracer | None:
    """Pass an event on; a C tracer that installs itself then is replaced by ours again."""
    if tracer is None:
        return None
    result: Tracer | None = tracer(frame, event, arg)
    if sys.gettrace() is not ours:
        sys.settrace(ours)
    return result


def _local(table: dict[int, Site], below: Tracer | None, ours: Tracer) -> Tracer:
    state = [below]

    def on_event(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "opcode":
            execute(table.get(frame.f_lasti), frame)
        elif state[0] is not None:
            state[0] = _forward(state[0], frame, event, arg, ours)
        return on_event

    return on_event


def execute(site: Site | None, frame: FrameType) -> None:
    """Handle one instruction of watched code."""
    task = here.task
    if site is not None and task is not None and not task.quiet:
        touch(task.run, task, site, frame)
        # Other tasks may have changed our closure variables meanwhile. The interpreter writes the
        # dict behind f_locals back into the frame when a trace function returns, so it has to be
        # fresh: reading f_locals makes it so.
        _ = frame.f_locals
