"""The music box: a worked solution."""

import sys
import threading
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import gevent
from gevent import monkey


class TooLate(Exception):
    """What `wind_up` raises when the dancers have been mounted before (given)."""


def wind_up() -> ModuleType:
    """Patch first: who imports a name before has the old one for ever."""
    if "dancers" in sys.modules and not monkey.is_anything_patched():
        raise TooLate("the dancers have been imported before the patch")
    monkey.patch_all()
    import dancers

    return dancers


def _dance(dancers: ModuleType, name: str, dance: str, args: Sequence[Any]) -> Any:
    """In a patched process, each greenlet has a thread's name of its own."""
    threading.current_thread().name = name
    return getattr(dancers, dance)(*args)


def play(parts: Iterable[tuple[str, str, Sequence[Any]]]) -> list[Any]:
    """Give each part a greenlet."""
    dancers = wind_up()
    greenlets = [gevent.spawn(_dance, dancers, *part) for part in parts]
    gevent.joinall(greenlets)
    return [greenlet.value for greenlet in greenlets]
