"""What a step of an event loop touches: what watched code does, and what asyncio's own objects are asked."""

from __future__ import annotations

import asyncio
import os
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ
from pytest_concurrency._engine.loops.step_effects import StepEffects
from pytest_concurrency._runtimes.aio.steps import NumberedTask, task_of
from pytest_concurrency._sight.effects import CONTAINERS, CONTENT

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.aio.steps import LoopTask

_FOLDER: Final = os.path.dirname(asyncio.__file__) + os.sep
_OF_OBJECTS: Final = frozenset(_FOLDER + each for each in ("locks.py", "queues.py", "taskgroups.py", "timeouts.py"))
"""Their methods touch the object that they belong to, and what they ask the loop and its tasks for."""
_CANCELS: Final = frozenset({"Handle.cancel", "TimerHandle.cancel"})
_GATHERED: Final = "gather.<locals>._done_callback"


class LoopEffects(StepEffects):
    """Gathers what the steps of one event loop touch."""

    def calls(self, part: Task, handle: Any, callbacks: Task) -> None:
        """Begin to gather: this is to be called, which was chosen as a step of somebody."""
        self.begins(part)
        if part is callbacks:
            self.touches_line()
            if type(handle._callback) not in (FunctionType, MethodType):
                self.loses()
        elif type(task_of(handle)) is not NumberedTask:  # who awaits it is not seen
            self.loses()

    def enters(self, frame: FrameType) -> None:
        """Note that code begins, or goes on, that nobody watches."""
        if self._accesses is None:
            return
        code = frame.f_code
        file, name = code.co_filename, code.co_qualname
        if not file.startswith(_FOLDER):
            self.loses()
        elif name == "BaseEventLoop.call_soon":
            self._puts_in_line(frame.f_locals["callback"])
        elif name in _CANCELS:
            self.touches_line()
        elif name == _GATHERED:
            self._touches_object(frame.f_locals["outer"])
        elif file in _OF_OBJECTS and code.co_varnames[:1] == ("self",):
            self._touches_object(frame.f_locals["self"])
        else:
            self.loses()

    def _touches_object(self, thing: object) -> None:
        self.touches((self._run.serial(thing), "*"))
        for each in vars(thing).values() if hasattr(thing, "__dict__") else ():
            if type(each) in CONTAINERS:  # somebody may look inside
                self.touches((self._run.serial(each), CONTENT))

    def _puts_in_line(self, callback: Any) -> None:
        """Note what is put in line: the steps behind a plain callback wait for it."""
        task = getattr(callback, "__self__", None)
        if isinstance(task, NumberedTask) and type(callback).__name__ != "method":
            self.asks(task.part)
            self.touches_line(READ)
        else:
            self.touches_line()

    def asks(self, part: LoopTask) -> None:
        """Note that somebody asks how a task stands, or tells it something."""
        self.touches(("part", part.id))
