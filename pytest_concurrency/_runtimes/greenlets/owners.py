"""Who holds a patched `threading.Lock`: gevent's own does not say."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches


def install(patches: Patches) -> None:
    """Let a lock know its holder, for reports."""
    lock: Any = sys.modules["gevent.thread"].LockType
    patches.set(lock, "acquire", _taking(lock.acquire))
    patches.set(lock, "release", _giving(lock.release))


def _taking(original: Callable[..., Any]) -> Callable[..., Any]:
    current = sys.modules["greenlet"].getcurrent

    @functools.wraps(original)
    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        taken = original(self, *args, **kwargs)
        if taken:
            self._owner = current()
        return taken

    return acquire


def _giving(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def release(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._owner = None
        return original(self, *args, **kwargs)

    return release
