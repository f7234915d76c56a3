"""In whose code a thread is, and what a report calls it, in whichever process that is."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._hangs.book import mine
from pytest_concurrency._runtimes.processes.hangs.slots import called
from pytest_concurrency._sight.watching import OWN, STANDARD, is_own

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch

_SERVES: Final = ("multiprocessing.pool", "concurrent.futures.process", "multiprocessing.managers")
"""Modules whose functions, where nobody else has called into them, wait for others to bring work."""


def serves(frame: FrameType | None, watch: Watch) -> bool:
    """Tell whether a thread waits for others to bring work: in the library's loop, in nobody else's code."""
    found = False
    while frame is not None and not _begins_a_process(frame):
        if watch.kind(frame.f_code.co_filename) not in (STANDARD, OWN):
            return False
        found = found or frame.f_globals.get("__name__") in _SERVES
        frame = frame.f_back
    return found


def is_in_users_code(frame: FrameType | None, watch: Watch) -> bool:
    """Tell whether a thread is in code that is not the library's; what has forked its process does not count."""
    while frame is not None and not _begins_a_process(frame):
        if watch.kind(frame.f_code.co_filename) not in (STANDARD, OWN):
            return True
        frame = frame.f_back
    return False


def feeds_nothing(frame: FrameType | None) -> bool:
    """Tell whether a thread is the feeder of a queue of multiprocessing that waits until something is put."""
    while frame is not None:
        module = frame.f_globals.get("__name__")
        if module == "multiprocessing.queues":
            return frame.f_code.co_name == "_feed"
        if module != "threading" and not is_own(frame.f_code.co_filename):
            return False
        frame = frame.f_back
    return False


def _begins_a_process(frame: FrameType) -> bool:
    """Tell whether a frame is where multiprocessing forks: what lies above it ran in the parent."""
    return frame.f_code.co_name == "_launch" and frame.f_globals.get("__name__") == "multiprocessing.popen_fork"


def who() -> str:
    """Return what a report calls the calling thread: by its process, where that is not the one that runs the tests."""
    thread = mine.mark.name
    module: Any = sys.modules.get("multiprocessing.process")
    process = None if module is None else module.current_process()
    if process is not None and module.parent_process() is None:
        return thread
    name = f"process {os.getpid()}" if process is None else process.name
    return called(name, thread)
