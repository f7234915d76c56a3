"""The workshop with records: each job is an object, and who waits counts down in callbacks."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Record:
    """A job, and what has become of it."""

    name: Hashable
    task: asyncio.Task[Any]

    def stands(self) -> tuple[str, Any]:
        """Return how, and with what."""
        if not self.task.done():
            return ("under way", None)
        if self.task.cancelled():
            return ("called off", None)
        error = self.task.exception()
        return ("done", self.task.result()) if error is None else ("failed", error)


class Workshop:
    """Records in the order of their beginning."""

    def __init__(self, board: Callable[[Any, str, Any], object]) -> None:
        """Begin without jobs."""
        self.board = board
        self.records: dict[Hashable, Record] = {}

    def begin(self, name: Hashable, job: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Make a record of it."""
        record = Record(name, asyncio.get_running_loop().create_task(job()))
        self.records[name] = record
        record.task.add_done_callback(lambda _: self.board(name, *record.stands()))

    def look(self, name: Hashable) -> tuple[str, Any]:
        """Look into the record."""
        return self.records[name].stands()

    def call_off(self, name: Hashable) -> bool:
        """Cancel, unless it has ended."""
        task = self.records[name].task
        if task.done():
            return False
        task.cancel()
        return True

    async def wait(self, seconds: float | None) -> list[Any]:
        """Wait for a future that the last callback sets, or the clock."""
        records = [*self.records.values()]
        await all_over([record.task for record in records if not record.task.done()], seconds)
        errors = [what for how, what in (record.stands() for record in records) if how == "failed"]
        if errors:
            raise ExceptionGroup(f"{len(errors)} jobs failed", errors)
        return [record.name for record in records if not record.task.done()]


async def all_over(tasks: list[asyncio.Task[Any]], seconds: float | None) -> None:
    """Return when all have ended, or after so many seconds."""
    over = asyncio.Event()
    open_ones = set(tasks)

    def ended(task: asyncio.Task[Any]) -> None:
        open_ones.discard(task)
        if not open_ones:
            over.set()

    for task in tasks:
        task.add_done_callback(ended)
    alarm = None if seconds is None else asyncio.get_running_loop().call_later(seconds, over.set)
    try:
        if tasks and seconds != 0:
            await over.wait()
    finally:
        for task in tasks:
            task.remove_done_callback(ended)
        if alarm is not None:
            alarm.cancel()
