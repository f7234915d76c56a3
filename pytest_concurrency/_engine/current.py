"""Which controlled task the running thread is, if it is one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task


class _Here(threading.local):
    task: Task | None = None


here = _Here()


def quietly(choose: Callable[..., int]) -> Callable[..., int]:
    """Let a strategy that lies in watched code choose without being watched itself."""

    def quiet(*arguments: Any) -> int:
        task = here.task
        if task is None:
            return choose(*arguments)
        task.quiet += 1
        try:
            return choose(*arguments)
        finally:
            task.quiet -= 1

    return quiet
