"""The end of a run: coroutines that nobody will go on with are closed while its doubles still let everybody pass."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from pytest_concurrency._runtimes.aio.steps import LoopTask

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run


def take_down(run: Run) -> None:
    """Close what is left of the tasks of a run that was stopped; loops that go on, in real time, get their pipe."""
    parts = [each for each in run.tasks if isinstance(each, LoopTask)]
    is_stopped = run.record.finding is not None or run.record.error is not None
    for loop in {id(part.passes): part.passes for part in parts}.values():
        loop.leaves(is_stopped=is_stopped)
    if not is_stopped:
        return
    for part in parts:
        task = part.task
        if task is not None and task.done():
            task._log_traceback = False  # it was unwound
        elif task is not None and part.passes.is_over:
            _close(task)
        elif task is not None:  # whoever made the loop ends it, in real time: a fixture
            task._log_destroy_pending = False


def _close(task: Any) -> None:
    task._log_destroy_pending = False
    try:
        task.get_coro().close()
    except BaseException:
        # One that swallows its end would spin where it is closed again, at the interpreter's end too.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(task.get_coro()))
