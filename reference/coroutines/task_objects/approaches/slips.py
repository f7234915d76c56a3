"""The workshop with a slip for each job, on which its end is written down, and a future for each who waits."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Workshop:
    """Slips by name; tasks only as long as they are under way."""

    def __init__(self, board: Callable[[Any, str, Any], object]) -> None:
        """Begin without jobs."""
        self._board = board
        self._slips: dict[Hashable, tuple[str, Any]] = {}
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    def begin(self, name: Hashable, job: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Future[Any]:
        """Keep the task until it has ended."""

        def ended(task: asyncio.Future[Any]) -> None:
            del self._under_way[name]
            self._slips[name] = slip_of(task)
            self._board(name, *self._slips[name])

        self._slips[name] = ("under way", None)
        self._under_way[name] = asyncio.ensure_future(job())
        self._under_way[name].add_done_callback(ended)
        return self._under_way[name]

    def look(self, name: Hashable) -> tuple[str, Any]:
        """Read the slip; the callback may not have come yet."""
        task = self._under_way.get(name)
        return slip_of(task) if task is not None and task.done() else self._slips[name]

    def call_off(self, name: Hashable) -> bool:
        """Cancel what is under way."""
        task = self._under_way.get(name)
        return task is not None and task.cancel()

    async def wait(self, seconds: float | None) -> list[Any]:
        """Gather what cannot be cancelled, under one time limit."""
        names = list(self._slips)
        shields = [asyncio.shield(task) for task in self._under_way.values()]
        try:
            await asyncio.wait_for(asyncio.gather(*shields, return_exceptions=True), seconds)
        except TimeoutError:
            pass
        slips = [(name, self.look(name)) for name in names]
        errors = [what for _, (how, what) in slips if how == "failed"]
        if errors:
            raise ExceptionGroup("jobs failed", errors)
        return [name for name, (how, _) in slips if how == "under way"]


def slip_of(task: asyncio.Future[Any]) -> tuple[str, Any]:
    """Write down how a task has ended."""
    try:
        return "done", task.result()
    except asyncio.CancelledError:
        return "called off", None
    except Exception as error:
        return "failed", error
