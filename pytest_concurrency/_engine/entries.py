"""Hears when a controlled task enters one of a few named functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._engine.current import here
from pytest_concurrency._sight import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.functions import Functions


class Entries(events.Entries):
    """Tells each entry of a controlled task into one of the functions; what the answer raises, the function raises."""

    def __init__(self, functions: Functions, entered: Callable[[Task, CodeType], None]) -> None:
        def enter(code: CodeType) -> None:
            task = here.task
            if task is not None and not task.quiet and not task.run.stopping:
                entered(task, code)

        super().__init__(functions.__contains__, enter)
