"""The theatre with a loop that runs for ever, until a piece stops it."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any


@contextlib.contextmanager
def house() -> Iterator[asyncio.AbstractEventLoop]:
    """Give a loop, and end what is left in it."""
    loop = asyncio.new_event_loop()
    try:
        yield loop
    finally:
        try:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            run(loop, last_call(loop))
        finally:
            loop.close()


async def last_call(loop: asyncio.AbstractEventLoop) -> None:
    """Wait for everybody else, then for generators and threads."""
    others = asyncio.all_tasks(loop) - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def run(loop: asyncio.AbstractEventLoop, piece: Coroutine[Any, Any, Any]) -> Any:
    """Run the loop until the task of this coroutine stops it."""

    def stop(task: asyncio.Task[Any]) -> None:
        if task.cancelled() or not isinstance(task.exception(), (SystemExit, KeyboardInterrupt)):
            loop.stop()  # these two stop it by themselves

    task = loop.create_task(piece)
    task.add_done_callback(stop)
    loop.run_forever()
    return task.result()


def play(piece: Coroutine[Any, Any, Any]) -> Any:
    """Run a piece in a house of its own."""
    with house() as loop:
        return run(loop, piece)


def season(pieces: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run until all have ended, or one has failed."""
    with house() as loop:
        tasks = [loop.create_task(piece) for piece in pieces]
        if tasks:
            run(loop, until_one_fails(tasks))
        return [task.result() for task in tasks]


async def until_one_fails(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Wait for all, or for the first that raises or is cancelled."""
    for each in asyncio.as_completed(tasks):
        await each
