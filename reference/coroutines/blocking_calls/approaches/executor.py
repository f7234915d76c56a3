"""The lighthouse with `run_in_executor`, which needs the context and the arguments packed."""

import asyncio
import contextvars
import functools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


async def shine(flash: Callable[[], object], every: float) -> None:
    """Flash at once, and then every so many seconds."""
    while True:
        flash()
        await asyncio.sleep(every)


async def rest(seconds: float) -> None:
    """Wait for a future that a timer sets."""
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    timer = loop.call_later(seconds, over.set_result, None)
    try:
        await over
    finally:
        timer.cancel()


async def ask(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Pack the context and the arguments, and await what the executor gives."""
    packed = functools.partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(None, packed)


async def read_log(path: str | Path) -> str:
    """Ask a function that reads."""
    return await ask(_read, path)


def _read(path: str | Path) -> str:
    with open(path, encoding="utf-8") as log:
        return log.read()


async def listen(horn: threading.Event, seconds: float) -> bool:
    """Ask the horn."""
    return await ask(horn.wait, seconds)
