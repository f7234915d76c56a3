"""The workshop: a worked solution."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Workshop:
    """Jobs, each of them a task that is kept under its name."""

    def __init__(self, board: Callable[[Any, str, Any], object]) -> None:
        """Begin without jobs."""
        self._board = board
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}  # keeps them, in the order in which they were begun

    def begin(self, name: Hashable, job: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Make a task, keep it, and let it tell its end."""
        task = self._tasks[name] = asyncio.create_task(job())
        task.add_done_callback(lambda _: self._board(name, *self.look(name)))

    def look(self, name: Hashable) -> tuple[str, Any]:
        """Ask the task, in an order in which it raises nothing."""
        task = self._tasks[name]
        if not task.done():
            return "under way", None
        if task.cancelled():
            return "called off", None
        error = task.exception()
        return ("done", task.result()) if error is None else ("failed", error)

    def call_off(self, name: Hashable) -> bool:
        """Let the task say whether there was anything to cancel."""
        return self._tasks[name].cancel()

    async def wait(self, seconds: float | None) -> list[Any]:
        """Wait, then look at each."""
        tasks = dict(self._tasks)
        if tasks:
            await asyncio.wait(tasks.values(), timeout=seconds)
        stands = {name: self.look(name) for name in tasks}
        if errors := [what for how, what in stands.values() if how == "failed"]:
            raise ExceptionGroup("jobs failed", errors)
        return [name for name, (how, _) in stands.items() if how == "under way"]
