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
        aside: The task in whose midst a signal's handler has come, which is no part of it.
    """

    task: Task | None = None
    aside: Task | None = None

    def become(self, task: Task | None) -> None:
        """From now on be a task of a run, or none."""
        self.task = task
        self.aside = None

    def steps_aside(self) -> None:
        """Be no task, while a signal's handler goes."""
        self.task, self.aside = None, self.task


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
