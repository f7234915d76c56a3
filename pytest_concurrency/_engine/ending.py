"""The end of a run: tasks that have to be unwound, and errors that come while everybody waits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Protocol

from pytest_concurrency._engine.outside import Outside, Taken
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._engine.record import Finding
    from pytest_concurrency._engine.task import Task

_LOOKS: Final = 100
_BETWEEN_LOOKS: Final = 0.005  # seconds


class Ended(Taken, Protocol):
    """What is asked of the run."""

    root: Task
    outside: Outside

    def interrupted(self, error: BaseException) -> None:
        """Note that the running task is to stop at its next yield point."""

    def halt(self, finding: Finding | None) -> None:
        """Let nobody offer a switch any more."""


def unwind_all(run: Ended) -> None:
    """Unwind every task that has not ended, one at a time; called by the root's thread."""
    for task in run.tasks[1:]:
        if task.state is not ENDED and not task.parked:
            _unwind(run, task)


def _unwind(run: Ended, task: Task) -> None:
    """Unwind one task; the root's thread has its turn again afterwards."""
    if task.outside and not _recovered(run, task):
        return
    run.set_turn(task)
    task.go()
    try:
        run.root.wait_for_turn()
    except BaseException as error:  # Ctrl-C while others unwind: finish, then raise it
        interrupted(run, run.root, error)


def _recovered(run: Ended, task: Task) -> bool:
    """Give a task outside a moment to come back; else leave it there and name it."""
    for _ in range(_LOOKS):
        if run.outside.is_back(task, run.root):
            return task.state is not ENDED
        real.sleep(_BETWEEN_LOOKS)
    task.park()
    return False


def interrupted(run: Ended, task: Task, error: BaseException) -> None:
    """Keep what a signal handler raised in the main thread while it waited for its turn."""
    run.interrupted(error)
    given = 0
    while given < 3:
        with contextlib.suppress(BaseException):
            if run.outside.nobody_has_the_turn(task):
                run.halt(None)
                return
            if task.wait_a_moment(0.05):
                return
            # The error may have come just after the turn: then it is here already.
            given = given + 1 if run.current is task else 0
