"""The lighthouse with threads of its own, which call the loop back."""

import asyncio
import contextlib
import contextvars
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
    """Wait for nothing, with a time limit."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)


async def ask(work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Begin a thread, and wait for a future that it lets the loop set."""
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            found, raised = context.run(work, *args, **kwargs), None
        except BaseException as error:
            found, raised = None, error
        with contextlib.suppress(RuntimeError):  # the loop is closed, nobody waits
            loop.call_soon_threadsafe(set_answer, found, raised)

    def set_answer(found: Any, raised: BaseException | None) -> None:
        if answer.done():
            return
        if raised is None:
            answer.set_result(found)
        else:
            answer.set_exception(raised)

    threading.Thread(target=run).start()
    return await answer


async def read_log(path: str | Path) -> str:
    """Read in a thread."""
    return await ask(lambda: Path(path).read_text("utf-8"))


async def listen(horn: threading.Event, seconds: float) -> bool:
    """Listen in a thread."""
    return await ask(lambda: horn.wait(timeout=seconds))
