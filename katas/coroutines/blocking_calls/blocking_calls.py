"""The lighthouse: this program stops its own light. Repair it; README.md says what it should do."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any


async def shine(flash: Callable[[], object], every: float) -> None:
    """Flash at once, and then every so many seconds. (This one is right.)"""
    while True:
        flash()
        await asyncio.sleep(every)


async def rest(seconds: float) -> None:
    """Do nothing for so many seconds."""
    time.sleep(seconds)


async def ask(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function that may block, in a thread; return what it returns."""
    with ThreadPoolExecutor() as pool:
        return pool.submit(work, *args, **kwargs).result()


async def read_log(path: str | Path) -> str:
    """Return what stands in the file."""
    with open(path, encoding="utf-8") as log:
        return log.read()


async def listen(horn: threading.Event, seconds: float) -> bool:
    """Wait for the horn, no longer than this; return whether it was heard."""
    return horn.wait(seconds)
