"""The end of a run: tasks that have to be unwound, and errors that come while everybody waits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final, Protocol

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.outside import Outside, Taken
from pytest_concurrency._engine.task import ENDED, Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._engine.record import Finding
    from pytest_concurrency._engine.task import Task

BACK_WITHIN: Final = 0.5  # seconds that those outside get, all together
UNWOUND_WITHIN: Final = 1.0  # seconds that a task gets that waits, and not for a processor
ENDED_WITHIN: Final = 3.0  # seconds that any task gets
_SLICE: Final = 0.005


class Ended(Taken, Protocol):
    """What is asked of the run."""

    outside: Outside

    def interrupted(self, error: BaseException) -> None:
        """Note that the running task is to stop at its next yield point."""

    def halt(self, finding: Finding | None) -> None:
        """Let nobody offer a switch any more."""


def regain(run: Ended) -> None:
    """Give the root its turn again, where it came back from outside and has left the scenario."""
    run.halt(None)
    root = run.root
    with contextlib.suppress(Unwind):
        if run.current is root or run.outside.takes_back(root):
            return
    other = run.current
    if other is not None:
        _wait_for(run, other)


def unwind_all(run: Ended) -> None:
    """Unwind every task that has not ended, one at a time; called by the root's thread."""
    _await_end(run.outside.let_go)
    until = real.monotonic() + BACK_WITHIN
    for task in run.tasks[1:]:
        if task.state is not ENDED and not task.parked and task.body is task:
            _unwind(run, task, until)


def _await_end(tasks: list[Task]) -> None:
    """Wait for those who unwind beside the root."""
    until = real.monotonic() + UNWOUND_WITHIN
    while real.monotonic() < until and any(task.state is not ENDED for task in tasks):
        real.sleep(_SLICE)


def _unwind(run: Ended, task: Task, until: float) -> None:
    """Unwind one task; the root's thread has its turn again afterwards."""
    if task.outside:
        task.end_wait()
    while not run.outside.is_back(task):
        if real.monotonic() > until and run.outside.leave_behind(task):
            return
        real.sleep(_SLICE)
    if task.state is not ENDED:
        run.set_turn(task)
        task.go()
        _wait_for(run, task)


def _wait_for(run: Ended, task: Task) -> None:
    """Wait until a task has handed over to the root; leave it behind if it does not."""
    began = real.monotonic()
    while True:
        try:
            if run.root.wait_a_moment(_SLICE):
                return
        except Exception as error:  # the program's own
            if not run.record.failed:
                run.record.failed_with(error)
        except BaseException as error:  # Ctrl-C while others unwind: finish, then raise it
            run.interrupted(error)
        late = real.monotonic() - began
        if (late > ENDED_WITHIN or (late > UNWOUND_WITHIN and not task.is_ready())) and run.outside.leave_behind(task):
            return


def interrupted(run: Ended, task: Task, error: BaseException) -> BaseException | None:
    """Wait for the turn, after a signal's handler raised something in the main thread while that waited for it.

    An `Exception` is the program's own, as is what a handler that it has set has raised itself: it ends what the task
    waits for, and is returned, to be raised there. Everything else, such as Ctrl-C, is for somebody above: the run is
    taken down.

    Raises:
        Unwind: That is what was raised.
    """
    if isinstance(error, Unwind):
        raise error
    own = error if isinstance(error, Exception) or error is here.raised else None
    here.raises(None)
    if own is None:
        run.interrupted(error)
    else:
        run.outside.breaks_off(task)
    task.begins_work()  # what it waits for is its turn, or nothing at all: it must not be taken for outside
    try:
        return _awaited(run, task, own)
    finally:
        task.has_worked()


def _awaited(run: Ended, task: Task, own: BaseException | None) -> BaseException | None:
    given = 0
    while given < 3:
        try:
            if own is None and run.outside.nobody_has_the_turn(task):
                run.halt(None)
                break
            if task.wait_a_moment(0.05):
                break
            # The error may have come just after the turn: then it is here already.
            given = given + 1 if run.current is task else 0
        except (Exception, Unwind):
            continue
        except BaseException as later:
            return interrupted(run, task, later)
    return own
