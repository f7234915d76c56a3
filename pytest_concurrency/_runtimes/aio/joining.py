"""Tasks of asyncio that are joined with a deadline, and looked after until the end of a test."""

from __future__ import annotations

import asyncio
import inspect
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pytest_concurrency._runtimes.aio import telling
from pytest_concurrency._runtimes.aio.steps import called
from pytest_concurrency._runtimes.joining import counts, now, present_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.telling.report import Place, TaskState
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch


class JoinedTask:
    """A task of asyncio."""

    def __init__(self, task: Any, watch: Watch, made: Place | None) -> None:
        self.task = task
        self.name = task.get_name() if isinstance(task, asyncio.Task) else "a future"
        self.made = made
        self._watch = watch

    def wait(self, seconds: float | None) -> bool:
        """Tell whether it has ended: only its loop can wait for it."""
        return bool(self.task.done())

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what it raised; one that was cancelled has ended as somebody wanted."""
        if not self.task.done() or self.task.cancelled():
            return []
        error = self.task.exception()
        return [] if error is None else [error]

    def states(self) -> list[TaskState]:
        """Return where it waits."""
        return telling.states([(self.name, self.task)], self._watch) if isinstance(self.task, asyncio.Task) else []

    def clean_up(self) -> str:
        """Cancel it, if its loop is still there."""
        if self.task.done() or self.task.get_loop().is_closed():
            return ""
        self.task.cancel()
        return f"{self.name} was cancelled"


async def wait_all(joined: Iterable[Joinable], seconds: float) -> list[Joinable]:
    """Wait so many seconds for all of them, in the running loop; return those that have not ended."""
    joined = list(joined)
    deadline = now() + seconds
    tasks = [each.task for each in joined if isinstance(each, JoinedTask)]
    if tasks:
        await asyncio.wait(tasks, timeout=max(0.0, seconds))
    stuck: list[Joinable] = []
    for each in joined:
        left = max(0.0, deadline - now())
        has_ended = each.wait(0) or (
            not isinstance(each, JoinedTask) and bool(left) and await asyncio.to_thread(each.wait, left)
        )
        stuck += [] if has_ended else [each]
    return stuck


class Started:
    """The tasks that a guard has started; kept, as the loop itself keeps none.

    Args:
        origins: Where they are started.
    """

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._tasks: list[Any] = []
        self._runs: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
        self._left: list[Any] = []

    def start(self, coroutine: Any, name: str | None) -> Any:
        """Start a task in the running loop.

        Raises:
            TypeError: It is no coroutine.
            RuntimeError: No loop is running.
        """
        if not inspect.iscoroutine(coroutine):
            raise TypeError(f"guard.task takes a coroutine, got {coroutine!r}")
        if asyncio._get_running_loop() is None:
            coroutine.close()
            name = called(coroutine)
            raise RuntimeError(f"guard.task must be called in a running event loop, got {name} outside one")
        task = asyncio.get_running_loop().create_task(coroutine, name=name or self._free_name(called(coroutine)))
        self._origins.note(task)
        self._tasks.append(task)
        self._runs[task] = present_run()
        task.add_done_callback(self._ended)
        return task

    def _free_name(self, name: str) -> str:
        taken = {task.get_name() for task in self._tasks if not task.done()}
        number, wanted = 1, name
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name

    def _ended(self, task: Any) -> None:
        """Note whether the end of asyncio.run has ended it, and nobody else had asked it to."""
        frame = sys._getframe()
        while task.cancelled() and task.cancelling() < 2 and frame.f_back is not None:
            frame = frame.f_back
            if frame.f_code.co_name == "_cancel_all_tasks":
                self._left.append(task)
                return

    def errors(self) -> list[BaseException]:
        """Return, once, what tasks have raised at which nobody has looked."""
        failed = [each for each in self._tasks if each.done() and not each.cancelled() and each._log_traceback]
        return [error for each in failed if (error := each.exception()) is not None and counts(self._runs.get(each))]

    def left_behind(self) -> list[Joinable]:
        """Return the tasks that have not ended by themselves."""
        left = [*self._left, *(task for task in self._tasks if not task.done())]
        self._tasks = []
        return [LeftTask(task, self._origins.watch, self._origins.of(task)) for task in left]


class LeftTask(JoinedTask):
    """A task that a test has left, and that may have been cancelled already."""

    def wait(self, seconds: float | None) -> bool:
        """Tell that it has not ended by itself."""
        return False

    def clean_up(self) -> str:
        """Cancel it."""
        return f"{self.name} was cancelled by the end of asyncio.run" if self.task.done() else super().clean_up()
