"""Which task the running thread is, if it is one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task


class _Here(threading.local):
    """The running thread's task.

    Attributes:
        task: None in a thread that is not under control.
        handling: The task in whose midst a signal's handler has come.
        raised: What a handler of the program's has raised in its midst, whatever that is.
    """

    task: Task | None = None
    handling: Task | None = None
    raised: BaseException | None = None

    def become(self, task: Task | None) -> None:
        """From now on be a task of a run, or none."""
        self.task = task

    def handles(self, task: Task | None, *, as_task: Task | None) -> None:
        """Be in a signal's handler that has come in the midst of a task, as this one; None for in none."""
        self.task, self.handling = as_task, task

    def raises(self, error: BaseException | None) -> None:
        """Take note of what the program's handler raises; None once it is known for its own."""
        self.raised = error


here = _Here()


def quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function go without a switch, and without being watched itself."""

    def quiet(*args: Any, **kwargs: Any) -> Any:
        task = here.task
        if task is None:
            return function(*args, **kwargs)
        task.hush()
        try:
            return function(*args, **kwargs)
        finally:
            task.speak()

    return quiet
