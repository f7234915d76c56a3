"""The theatre with what asyncio has for it today."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


def play(piece: Coroutine[Any, Any, Any]) -> Any:
    """Leave all of it to a runner."""
    with asyncio.Runner() as runner:
        return runner.run(piece)


def season(pieces: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Make a task of each piece, and look at them as they end."""

    async def all_of_them() -> list[Any]:
        tasks = [asyncio.create_task(piece) for piece in pieces]
        for each in asyncio.as_completed(tasks):
            await each
        return [task.result() for task in tasks]

    return asyncio.run(all_of_them())
