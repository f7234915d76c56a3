"""Processes below this one that none of its objects knows: grandchildren, and orphans of other sessions."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import cpu
from pytest_concurrency._runtimes.processes.joining import command_line, helpers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

_SET: Final = 36
_GET: Final = 37
"""PR_SET_CHILD_SUBREAPER and PR_GET_CHILD_SUBREAPER of prctl(2)."""
_HELPERS: Final = ("from multiprocessing.resource_tracker import", "from multiprocessing.forkserver import")


def adopt() -> Callable[[], None]:
    """Let orphans below this process become its children (Linux), as nobody else finds them; return what undoes it."""
    if sys.platform != "linux":
        return lambda: None
    import ctypes  # few need it

    prctl: Any = ctypes.CDLL(None).prctl
    before = ctypes.c_int(0)
    prctl(_GET, ctypes.byref(before), 0, 0, 0)
    prctl(_SET, 1, 0, 0, 0)
    return lambda: prctl(_SET, before.value, 0, 0, 0)


def grandchildren(parents: Iterable[int], noted: Collection[int] = ()) -> list[int]:
    """Return the numbers of all processes below these, without what serves multiprocessing there.

    Args:
        parents: Their numbers.
        noted: Those that somebody has started as a process of his own, though a server has forked them.
    """
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if name.isdigit() and (parent := cpu.stat(name)[1:2]):
            below.setdefault(int(parent[0]), []).append(int(name))
    found: list[int] = []
    rest = [each for each in parents if each not in helpers()]
    while rest:
        for each in sorted(below.get(rest.pop(0), [])):
            if each in noted or not serves(each):
                found.append(each)
                rest.append(each)
    return found


def serves(pid: int) -> bool:
    """Tell whether a process only serves multiprocessing of another one: it ends with that."""
    return any(word in part for part in command_line(pid) for word in _HELPERS)
