"""The lighthouse: a worked solution."""

import asyncio
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
    """Let the loop wait."""
    await asyncio.sleep(seconds)


async def ask(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Let a thread of the loop do it."""
    return await asyncio.to_thread(work, *args, **kwargs)


async def read_log(path: str | Path) -> str:
    """Open and read in a thread."""
    return await asyncio.to_thread(Path(path).read_text, encoding="utf-8")


async def listen(horn: threading.Event, seconds: float) -> bool:
    """Wait in a thread for what belongs to threads."""
    return await asyncio.to_thread(horn.wait, seconds)
