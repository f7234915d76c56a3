"""The music box: the standard library's pool, with as many workers as there are parts."""

import sys
import threading
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import gevent.monkey


class TooLate(Exception):
    """What `wind_up` raises when the dancers have been mounted before (given)."""


def wind_up() -> ModuleType:
    """Ask gevent what it has patched."""
    if "dancers" in sys.modules and not gevent.monkey.saved:
        raise TooLate
    gevent.monkey.patch_all()
    return __import__("dancers")


def play(parts: Iterable[tuple[str, str, Sequence[Any]]]) -> list[Any]:
    """Import the pool when everything is patched."""
    dancers, parts = wind_up(), list(parts)
    from concurrent.futures import ThreadPoolExecutor

    def dance(name: str, function: str, args: Sequence[Any]) -> Any:
        threading.current_thread().name = name
        return getattr(dancers, function)(*args)

    with ThreadPoolExecutor(len(parts) or 1) as pool:
        return [each.result() for each in [pool.submit(dance, *part) for part in parts]]
