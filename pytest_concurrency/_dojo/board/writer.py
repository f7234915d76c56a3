"""Writes what happens into the session's file beside the loop, many things in one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_concurrency._katas.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._dojo.board.store import Store

T = TypeVar("T")
GATHER = 0.004  # seconds in which others may join a transaction


class NotKept(Refused):
    """What happened could not be written down, and so it does not count; in one line for whoever sent it."""


class Writer:
    """Writes in the order of asking, and answers when the file has it: nothing that was answered can be lost.

    A transaction for each report would cost more than all the rest of it, and now and then the file is tidied up:
    that takes longer than an answer may, and so it is done on a thread of its own.
    """

    def __init__(self, store: Store) -> None:
        """Take a file that nobody else writes to from here on."""
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="session")
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, act: Callable[[], T]) -> T:
        """Let something be written; return what `act` answers, once it cannot be lost any more.

        Raises:
            NotKept: the file cannot be written.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, done))
        if self._task is None:
            self._task = asyncio.create_task(self._go_on())
        return await done

    async def _go_on(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER)
            together, self._waiting = self._waiting, []
            await self._commit([act for act, _ in together], [done for _, done in together])
        self._task = None

    async def _commit(self, acts: list[Callable[[], Any]], waiting: list[asyncio.Future[Any]]) -> None:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._thread, self._store.together, acts)
        except sqlite3.Error as error:
            for done in waiting:
                if not done.done():
                    done.set_exception(NotKept("the session cannot be written down: {error}", {"error": error}))
            return
        for done, answer in zip(waiting, answers, strict=True):
            if not done.done():
                done.set_result(answer)

    async def close(self) -> None:
        """Write what waits, and close the file."""
        while self._task:
            await asyncio.wait([self._task])
        self._thread.shutdown()
        self._store.close()
