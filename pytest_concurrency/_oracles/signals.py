"""Signal handlers that wait for a lock which the main thread, in which they run, may hold."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.causes import IN_HANDLERS
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.lock_takers import taken_by

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.task import Task

_SIGNALS: Final = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD")
    if hasattr(signal, name)
)


class SignalListener(Listener):
    """Looks, wherever the main thread takes a lock or gives it back, which handlers are set that take it too.

    Attributes:
        found: The first that was found, told.
    """

    def __init__(self, run: ListenedRun) -> None:
        self._run = run
        self._is_main = run.root.ident == threading.main_thread().ident  # type: ignore[attr-defined] # of a thread
        self.found: Report | None = None

    def reach(self, task: Task, op: Operation, frame: FrameType | None) -> None:
        """Judge a lock that is free, or is given back."""
        if op[0] in ("acquire", "release"):
            self._judge(task, self._run.resource_of(op), frame)

    def block(self, task: Task, target: object, frame: FrameType | None) -> None:
        """Judge a lock that is waited for."""
        if isinstance(target, Resource):
            self._judge(task, target, frame)

    def _judge(self, task: Task, lock: Resource, frame: FrameType | None) -> None:
        if task is not self._run.root or not self._is_main or self.found is not None or lock.kind != "Lock":
            return
        if lock.inner or lock.part_of is not None:
            return
        for number in _SIGNALS:
            handler: Any = signal.getsignal(number)
            handler = getattr(handler, "__wrapped__", handler)
            own = getattr(getattr(handler, "__func__", handler), "__code__", None)
            for thing, code, line in taken_by(handler):
                if thing is lock and not _is_in(own, frame):
                    self.found = self._told(number.name, lock, stacks.place_of(code, line), frame)
                    return

    def _told(self, number: str, lock: Resource, place: Any, frame: FrameType | None) -> Report:
        name, held = naming.describe(lock)[0], self._run.place_of(frame)
        return explain.told(
            f"deadlock: the handler of {number} waits for ever for {name} if the signal comes while main holds it",
            (
                f"main holds {name} at {held}: {held.source}",
                f"the handler takes it at {place}: {place.source}",
                "a handler runs in the main thread, between any two steps of it, and what it waits for cannot go on",
            ),
            IN_HANDLERS,
        )


def _is_in(code: Any, frame: FrameType | None) -> bool:
    """Tell whether the handler itself is at work."""
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False
