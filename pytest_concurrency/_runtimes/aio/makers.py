"""Where asyncio's locks, queues and groups were made, and which task holds a lock: for reports."""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._sight.watching import OWN, STANDARD, is_own

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

MADE: Final = "_concurrency_made"
FIRST: Final = "_concurrency_first"
HOLDER: Final = "_concurrency_holder"
_KINDS: Final = ("Lock", "Event", "Condition", "Semaphore", "Queue", "Barrier", "TaskGroup")


def install(patches: Patches, watch: Watch, made: list[Any] | None = None) -> None:
    """Let each of these remember the line that makes it, and locks the task that has them.

    Args:
        patches: What undoes it.
        watch: Whose lines are remembered.
        made: Where to put each that is made; None for nowhere.
    """
    if made is None and is_own(asyncio.Lock.acquire.__code__.co_filename):
        return  # they do already
    for name in _KINDS:
        kind: Any = getattr(asyncio, name)
        patches.set(kind, "__init__", _noting(kind.__init__, watch, made))
    patches.set(asyncio.Lock, "acquire", _acquire(asyncio.Lock.acquire))
    patches.set(asyncio.Lock, "release", _release(asyncio.Lock.release))


def made(thing: Any) -> tuple[str, int] | None:
    """Return the (file, line) that made something, if that was noted."""
    return getattr(thing, "__dict__", {}).get(MADE)


def holder(thing: Any) -> Any:
    """Return the task that holds a lock, if that was noted."""
    return getattr(thing, "__dict__", {}).get(HOLDER)


def first(thing: Any) -> int:
    """Return how many permits a semaphore had when it was made, if that was noted."""
    return int(getattr(thing, "__dict__", {}).get(FIRST, 0))


def _noting(original: Callable[..., None], watch: Watch, kept: list[Any] | None) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        listener = None if kept is None or here.task is None else here.task.run.listener
        if kept is not None and listener is not None and listener.hears_notices:
            kept.append(self)
            self.__dict__[FIRST] = getattr(self, "_value", 0)
        frame = sys._getframe(1)
        while frame.f_back is not None and watch.kind(frame.f_code.co_filename) in (OWN, STANDARD):
            frame = frame.f_back
        self.__dict__.setdefault(MADE, (frame.f_code.co_filename, frame.f_lineno))

    return init


def _acquire(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(original)
    async def acquire(self: Any) -> Any:
        answer = await original(self)
        self.__dict__[HOLDER] = asyncio.current_task()
        return answer

    return acquire


def _release(original: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(original)
    def release(self: Any) -> None:
        self.__dict__.pop(HOLDER, None)
        original(self)

    return release
