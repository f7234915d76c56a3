"""Where asyncio's locks, queues and groups were made, and which task holds a lock: for reports."""

from __future__ import annotations

import asyncio
import functools
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.watching import OWN, STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

MADE: Final = "_concurrency_made"
HOLDER: Final = "_concurrency_holder"
_KINDS: Final = ("Lock", "Event", "Condition", "Semaphore", "Queue", "Barrier", "TaskGroup")


def install(patches: Patches, watch: Watch) -> None:
    """Let each of these remember the line that makes it, and locks the task that has them."""
    for name in _KINDS:
        kind: Any = getattr(asyncio, name)
        patches.set(kind, "__init__", _noting(kind.__init__, watch))
    patches.set(asyncio.Lock, "acquire", _acquire(asyncio.Lock.acquire))
    patches.set(asyncio.Lock, "release", _release(asyncio.Lock.release))


def made(thing: Any) -> tuple[str, int] | None:
    """Return the (file, line) that made something, if that was noted."""
    return getattr(thing, "__dict__", {}).get(MADE)


def holder(thing: Any) -> Any:
    """Return the task that holds a lock, if that was noted."""
    return getattr(thing, "__dict__", {}).get(HOLDER)


def _noting(original: Callable[..., None], watch: Watch) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
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
