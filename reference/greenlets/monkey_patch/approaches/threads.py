"""The music box: threads, which are greenlets by now."""

import importlib
import sys
import threading
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

from gevent import monkey


class TooLate(Exception):
    """What `wind_up` raises when the dancers have been mounted before (given)."""


def wind_up() -> ModuleType:
    """Patch once."""
    if not monkey.is_module_patched("time"):
        if "dancers" in sys.modules:
            raise TooLate("the dancers have been imported before the patch")
        monkey.patch_all()
    return importlib.import_module("dancers")


def play(parts: Iterable[tuple[str, str, Sequence[Any]]]) -> list[Any]:
    """Give each part a thread, and a place for what it returns."""
    dancers, found = wind_up(), {}

    def dance(number: int, function: str, args: Sequence[Any]) -> None:
        found[number] = getattr(dancers, function)(*args)

    threads = [
        threading.Thread(target=dance, args=(number, function, args), name=name)
        for number, (name, function, args) in enumerate(parts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[number] for number in range(len(threads))]
