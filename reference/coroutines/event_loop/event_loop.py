"""The theatre: a worked solution."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any


def play(piece: Coroutine[Any, Any, Any]) -> Any:
    """Open, run, empty the house, close."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(piece)
    finally:
        try:
            _empty(loop)
        finally:
            loop.close()


def _empty(loop: asyncio.AbstractEventLoop) -> None:
    """End whatever is still going on in the loop."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())


def season(pieces: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Make one piece of all pieces."""

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*pieces)

    return play(all_of_them())
