"""A run that tells oracles what passes through it; made only when one of them listens."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.listener import All, Listener
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._engine.run import Run
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.oracles import Found
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.resource import Resource
    from pytest_concurrency._engine.task import Task


class ListenedRun(Run):
    """A run that tells what passes through it.

    Args:
        listeners: Makes those who listen to this run.
        early: Whether deadlines come in it that do not come in other runs of the exploration.
        args: What a run is made with.
        kwargs: What a run is made with.
    """

    def __init__(
        self, listeners: Callable[[ListenedRun], list[Listener]], *args: Any, early: bool = False, **kwargs: Any
    ) -> None:
        self.early = early
        self.listener: Listener = Listener()  # nothing is heard before the run is ready
        super().__init__(*args, **kwargs)
        self.listener = All(listeners(self))
        self._judged = False

    @contextlib.contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Let only somebody else hear what is done in the body: it belongs to no task."""
        before, self.listener = self.listener, listener
        try:
            yield
        finally:
            self.listener = before

    def place_of(self, frame: FrameType | None) -> Place:
        """Return the user's place in a stack."""
        return stacks.frame_place(stacks.user_frame(frame, self.watch))

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch, and tell the oracles."""
        if not self.stopping:
            self.listener.reach(task, op, task.tells() or sys._getframe(1))
        super().reach(task, op)
        self.listener.does(task, op)

    def block(self, task: Task, op: Operation, target: object) -> None:
        """Take a task out of the race, and tell the oracles."""
        if not self.stopping:
            self.listener.block(task, target, task.tells() or sys._getframe(1))
        super().block(task, op, target)
        self.listener.does(task, op)

    def add(self, task: Task) -> None:
        """Let a task take part, and tell the oracles."""
        super().add(task)
        self.listener.started(task, sys._getframe(1))

    def add_part(self, task: Task) -> None:
        """Let a task take part that lives in another's thread, and tell the oracles."""
        super().add_part(task)
        self.listener.took_part(task)

    def adopt(self, resource: Resource) -> None:
        """Make an object part of the run, and tell the oracles."""
        super().adopt(resource)
        self.listener.adopted(resource)

    def wait_for_end(self) -> None:
        """Wait for the threads that the scenario has left behind."""
        if not self.stopping:
            self.listener.returned()
        super().wait_for_end()

    def unwind_all(self) -> None:
        """Let the oracles see how everything stands, and take it down."""
        if not self._judged:
            self._judged = True
            self.listener.over()
        super().unwind_all()

    def found(self, task: Task, found: Found) -> None:
        """End the run because an oracle has found something."""
        self.stop(task, Finding("oracle", found))

    def found_at_end(self, found: Found) -> None:
        """Note what an oracle has found when the run is over, unless something else ended it."""
        if self.record.finding is None and not self.record.errors:
            self.record.ends_with(Finding("oracle", found))

    def let_time_pass(self) -> None:
        """Let time pass, and tell the oracles."""
        self.listener.fires(bool(self.runnable))
        super().let_time_pass()
