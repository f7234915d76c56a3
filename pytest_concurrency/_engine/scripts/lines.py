"""Yield points at the beginning of chosen lines, also of those that touch nothing."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.scripts.by_hand import LINE
from pytest_concurrency._sight.stacks import short_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._core.hand_written import PlayStep

_TOOLS: Final = (3, 5, 4)


def stop_lines(steps: tuple[PlayStep, ...], code: CodeType) -> frozenset[int]:
    """Return the lines of a code object at which a step stops."""
    name = short_name(code)
    return frozenset(step.line for step in steps if step.is_line_of(name))


def has_lines(code: CodeType) -> frozenset[int]:
    """Return the lines of a code object at which it can be stopped."""
    return frozenset(line for _, _, line in code.co_lines() if line)


def reach_line(frame: FrameType | None = None) -> None:
    """Offer a switch before a line."""
    task = here.task
    if task is not None and not task.quiet:
        task.run.reach(task, LINE)
        if frame is not None:
            _ = frame.f_locals  # see preempt_settrace: the interpreter writes it back


class Lines:
    """Hears of every chosen line while it is on.

    Attributes:
        seen: The lines that could be stopped at, by the name of each function that a step names.
    """

    def __init__(self, steps: tuple[PlayStep, ...]) -> None:
        self._steps = steps
        self._undo: list[Callable[[], None]] = []
        self.seen: dict[str, frozenset[int]] = {}

    def wanted(self, code: CodeType) -> frozenset[int]:
        """Return the lines to stop at in a code object that has begun to run."""
        lines = stop_lines(self._steps, code)
        if lines:
            self.seen[short_name(code)] = has_lines(code)
        return lines

    def start(self) -> None:
        """Begin to listen; before the run, in its thread."""
        if sys.version_info >= (3, 12):
            self._monitor()
        else:
            self._trace()

    def stop(self) -> None:
        """Leave no trace."""
        while self._undo:
            self._undo.pop()()

    def _monitor(self) -> None:
        monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
        tool = next((each for each in _TOOLS if monitoring.get_tool(each) is None), None)
        if tool is None:
            raise RuntimeError(f"one sys.monitoring tool of {_TOOLS} must be free, got none")
        events = monitoring.events
        heard: dict[int, tuple[CodeType, frozenset[int]]] = {}

        def on_start(code: CodeType, _offset: int) -> Any:
            lines = self.wanted(code)
            if lines:
                heard[id(code)] = (code, lines)
                monitoring.set_local_events(tool, code, events.LINE)
            return monitoring.DISABLE

        def on_line(code: CodeType, line: int) -> Any:
            # Python 3.12 may still tell of code that another user of this tool number listened to.
            _, lines = heard.get(id(code), (code, frozenset()))
            return reach_line() if line in lines else monitoring.DISABLE

        def stop() -> None:
            monitoring.set_events(tool, 0)
            for code, _ in heard.values():
                monitoring.set_local_events(tool, code, 0)
            monitoring.register_callback(tool, events.PY_START, None)
            monitoring.register_callback(tool, events.LINE, None)
            monitoring.free_tool_id(tool)

        monitoring.use_tool_id(tool, "pytest_concurrency.play")
        self._undo.append(stop)
        monitoring.register_callback(tool, events.PY_START, on_start)
        monitoring.register_callback(tool, events.LINE, on_line)
        monitoring.set_events(tool, events.PY_START)
        monitoring.restart_events()

    def _trace(self) -> None:
        before, threads_before = sys.gettrace(), threading.gettrace()

        def on_call(frame: FrameType, event: Any, arg: Any) -> Any:
            below = before(frame, event, arg) if before is not None else None
            lines = self.wanted(frame.f_code)
            if not lines:
                return below
            state = [below]

            def on_event(frame: FrameType, event: Any, arg: Any) -> Any:
                if state[0] is not None:
                    state[0] = state[0](frame, event, arg)
                if event == "line" and frame.f_lineno in lines:
                    reach_line(frame)
                return on_event

            return on_event

        self._undo.append(lambda: sys.settrace(before))
        self._undo.append(lambda: threading.settrace(threads_before))
        threading.settrace(on_call)
        sys.settrace(on_call)
