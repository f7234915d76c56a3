"""Hears when one of a few named functions is entered."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._engine.listened import Functions
    from pytest_concurrency._engine.task import Task

_TOOLS: Final = (3, 5, 4)


class Entries:
    """Tells each entry of a controlled task into one of the functions; what the answer raises, the function raises."""

    def __init__(self, functions: Functions, entered: Callable[[Task, CodeType], None]) -> None:
        self._functions = functions
        self._entered = entered
        self._undo: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to listen, in the thread that runs the scenario."""
        if sys.version_info >= (3, 12):
            self._monitor()
        else:
            self._trace()

    def stop(self) -> None:
        """Leave no trace."""
        while self._undo:
            self._undo.pop()()

    def _enter(self, code: CodeType) -> None:
        task = here.task
        if task is not None and not task.quiet and not task.run.stopping:
            self._entered(task, code)

    def _monitor(self) -> None:
        monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
        tool = next((each for each in _TOOLS if monitoring.get_tool(each) is None), None)
        if tool is None:
            raise RuntimeError(f"one sys.monitoring tool of {_TOOLS} must be free, got none")
        start = monitoring.events.PY_START

        def on_start(code: CodeType, _offset: int) -> Any:
            return self._enter(code) if code in self._functions else monitoring.DISABLE

        def stop() -> None:
            monitoring.set_events(tool, 0)
            monitoring.register_callback(tool, start, None)
            monitoring.free_tool_id(tool)

        monitoring.use_tool_id(tool, "pytest_concurrency.oracles")
        self._undo.append(stop)
        monitoring.register_callback(tool, start, on_start)
        monitoring.set_events(tool, start)
        monitoring.restart_events()

    def _trace(self) -> None:
        inner, threads_before = sys.gettrace(), threading.gettrace()

        def make(below: Any) -> Any:
            def on_call(frame: FrameType, event: Any, arg: Any) -> Any:
                if event == "call" and frame.f_code in self._functions:
                    self._enter(frame.f_code)
                return below(frame, event, arg) if below is not None else None

            return on_call

        self._undo.append(lambda: threading.settrace(threads_before))
        threading.settrace(make(threads_before))
        sys.settrace(make(inner))
