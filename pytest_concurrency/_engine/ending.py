"""The end of a run: tasks that have to be unwound, and errors that come while everybody waits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task

_LOOKS: Final = 100
_BETWEEN_LOOKS: Final = 0.005  # seconds


def unwind(run: Run, task: Task) -> None:
    """Unwind one task; called by the root's thread, which has its turn again afterwards."""
    if task.outside and not _recovered(run, task):
        return
    run.current = task
    task.baton.release()
    try:
        run.root.baton.acquire()
    except BaseException as error:  # Ctrl-C while others unwind: finish, then raise it
        interrupted(run, run.root, error)


def _recovered(run: Run, task: Task) -> bool:
    """Give a task outside a moment to come back; else leave it there and name it."""
    for _ in range(_LOOKS):
        with run.mutex:
            if not task.outside:
                return task.state is not ENDED
            run.current = run.root
        real.sleep(_BETWEEN_LOOKS)
    task.parked = True
    return False


def interrupted(run: Run, task: Task, error: BaseException) -> None:
    """Keep what a signal handler raised in the main thread while it waited for its turn."""
    run.interrupt = error
    run.checkpoint = 0  # the running task stops at its next yield point
    given = 0
    while given < 3:
        with contextlib.suppress(BaseException):
            with run.mutex:
                if run.current is None:
                    run.current, run.stopping = task, True
                    return
            if task.baton.acquire(timeout=0.05):
                return
            # The error may have come just after the baton: then it is here already.
            given = given + 1 if run.current is task else 0
