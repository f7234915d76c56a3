"""Tasks that wait for something out of our control: others go on, and they come back."""

from __future__ import annotations

import contextlib
from bisect import insort
from typing import TYPE_CHECKING, Any, Protocol

from pytest_concurrency._engine.task import ENDED, RUNNING
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.clock import VirtualClock
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.task import Task


class Taken(Protocol):
    """What is asked of the run."""

    tasks: list[Task]
    runnable: list[int]
    current: Task | None
    steps: int
    stopping: bool
    clock: VirtualClock
    record: Record

    def set_turn(self, task: Task | None) -> None:
        """Say whose turn it is."""

    def let_time_pass(self) -> None:
        """Move time to the next deadline."""

    def choose_next(self, current: Task | None) -> Task:
        """Ask who goes next."""

    def await_turn(self, task: Task) -> None:
        """Wait until the task has the turn."""

    def enable(self, task: Task) -> None:
        """Put a task back among those who can go on."""


class Outside:
    """Keeps count of the tasks of one run that are outside.

    All other state belongs to who has the turn; here a task that comes back, the watchdog and
    foreign threads come in from elsewhere, so everything happens under a mutex.
    """

    def __init__(self, run: Taken) -> None:
        self._run = run
        self._count = 0
        self.mutex = real.allocate_lock()

    def come_back(self, task: Task) -> None:
        """Take a task back that went on while it was thought to be outside."""
        run = self._run
        with self.mutex:
            if task.outside:
                task.is_back()
                self._count -= 1
            if task.state is RUNNING and task.id not in run.runnable:
                insort(run.runnable, task.id)
            if run.current is None:
                run.set_turn(task)
                return
            if run.current is task:
                return
        run.await_turn(task)

    def seize(self, task: Task, steps: int, place: Any) -> None:
        """Take the turn from a task that waits for something out of our control.

        Called by the watchdog's thread.
        """
        run = self._run
        with self.mutex:
            if run.current is not task or run.steps != steps or run.stopping:
                return
            self._leaves(task, place)
            other = run.tasks[run.runnable[0]] if run.runnable else None
            run.set_turn(other)
        if other is not None:
            other.go()

    @contextlib.contextmanager
    def stepping(self, task: Task, place: Any) -> Iterator[None]:
        """Let the others go on while `task` waits for something real."""
        run = self._run
        if run.current is not task:
            self.come_back(task)
        with self.mutex:
            self._leaves(task, place)
            other = run.choose_next(None) if run.runnable else None
            run.set_turn(other)
        if other is not None:
            other.go()
        try:
            yield
        finally:
            self.come_back(task)

    def _leaves(self, task: Task, place: Any) -> None:
        run = self._run
        run.record.went_outside(task.name, place)
        task.goes_outside()
        self._count += 1
        if task.id in run.runnable:
            run.runnable.remove(task.id)
        while not run.runnable and run.clock.next_deadline() is not None:
            run.let_time_pass()

    def poke(self, waiters: list[Task]) -> None:
        """Enable tasks because a foreign thread released what they wait for."""
        run = self._run
        with self.mutex:
            run.record.went_outside("a foreign thread", None)
            for task in waiters:
                run.enable(task)
            if run.current is not None or not run.runnable:
                return
            other = run.tasks[run.runnable[0]]
            run.set_turn(other)
        other.go()

    def is_all_that_is_left(self) -> bool:
        """Tell whether nobody can run but who may come back from outside; then it is nobody's turn."""
        run = self._run
        with self.mutex:
            if self._count and not run.runnable:
                run.set_turn(None)
                return True
        return False

    def is_back(self, task: Task, root: Task) -> bool:
        """Tell whether a task is under control again; the turn stays with the root."""
        with self.mutex:
            if not task.outside:
                return True
            self._run.set_turn(root)
        return False

    def nobody_has_the_turn(self, task: Task) -> bool:
        """Give the turn to a task if nobody has it; tell whether that was so."""
        with self.mutex:
            if self._run.current is None and task.state is not ENDED:
                self._run.set_turn(task)
                return True
        return False
