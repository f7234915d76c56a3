"""Yield points inside watched code for Python 3.12 and later, by `sys.monitoring`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.touching import catalogue, touch

if TYPE_CHECKING:
    from types import CodeType

    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

assert sys.version_info >= (3, 12)
_monitoring: Final = sys.monitoring
_TOOLS: Final = (4, 3)
_START: Final = _monitoring.events.PY_START
_INSTRUCTION: Final = _monitoring.events.INSTRUCTION
DISABLE: Final = _monitoring.DISABLE
_NOTHING: Final[dict[int, Site]] = {}


class Monitor:
    """Listens to the instructions of watched code while it is on."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._tool = -1
        self._heard: list[CodeType] = []
        self.saw_watched = False  # whether any watched code ran at all

    def start(self) -> None:
        """Begin to listen.

        Raises:
            RuntimeError: No tool number is free.
        """
        self._tool = next((tool for tool in _TOOLS if _monitoring.get_tool(tool) is None), -1)
        if self._tool < 0:
            names = [_monitoring.get_tool(tool) for tool in _TOOLS]
            raise RuntimeError(f"one sys.monitoring tool of {_TOOLS} must be free, got {names!r}")
        _monitoring.use_tool_id(self._tool, "pytest_concurrency")
        _monitoring.register_callback(self._tool, _START, self._on_start)
        _monitoring.register_callback(self._tool, _INSTRUCTION, _on_instruction)
        _monitoring.set_events(self._tool, _START)
        _monitoring.restart_events()

    def stop(self) -> None:
        """Leave no trace."""
        tool, self._tool = self._tool, -1
        if tool < 0:
            return
        _monitoring.set_events(tool, 0)
        for code in self._heard:
            _monitoring.set_local_events(tool, code, 0)
        self._heard.clear()
        _monitoring.register_callback(tool, _START, None)
        _monitoring.register_callback(tool, _INSTRUCTION, None)
        _monitoring.free_tool_id(tool)

    def start_again(self) -> None:
        """Nothing to do: an error that passes through a callback takes nothing away."""

    def enter_thread(self) -> None:
        """Nothing to do: the events of all threads are heard."""

    def leave_thread(self) -> None:
        """Nothing to do."""

    def _on_start(self, code: CodeType, _offset: int) -> Any:
        return self.hear(code)

    def hear(self, code: CodeType) -> Any:
        """Listen to a code object if it is watched and touches anything."""
        if not self._watch.is_watched(code.co_filename):
            return DISABLE
        self.saw_watched = True
        if catalogue.table(code):
            _monitoring.set_local_events(self._tool, code, _INSTRUCTION)
            self._heard.append(code)
        return DISABLE


def _on_instruction(code: CodeType, offset: int) -> Any:
    return execute(catalogue.tables.get(id(code), _NOTHING).get(offset))  # may be of an earlier tool


def execute(site: Site | None) -> Any:
    """Handle one instruction of watched code."""
    if site is None:
        return DISABLE
    task = here.task
    if task is not None and not task.quiet:
        touch(task.run, task, site, sys._getframe(2))
    return None
