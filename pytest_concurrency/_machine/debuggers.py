"""Debuggers: whether one is there, whether it shows a thread just now, and threads that are none of its business."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import FrameType

_MODULES: Final = frozenset({"bdb", "pydevd"})
_FILES: Final = ("pdb.py", "bdb.py", "pydevd.py", "pydevd_frame.py")
_SESSION: Final = ("_engine/stage.py", "_pytest/python.py")  # below their frames a debugger only runs the session
_DEBUGPY: Final = "pydevd"  # also in the path of each of its files
_NEAR: Final = 6  # frames: of `threading`, and of ours that stand in for it


def debugpy_is_there() -> bool:
    """Tell whether debugpy is loaded: it patches the starts of threads, and stops each thread for itself."""
    return _DEBUGPY in sys.modules


def shows(frame: FrameType | None) -> bool:
    """Tell whether a debugger has stopped the thread whose newest frame this is."""
    if not any(each in sys.modules for each in _MODULES):
        return False
    while frame is not None and not frame.f_code.co_filename.endswith(_SESSION):
        if frame.f_code.co_filename.endswith(_FILES):
            return True
        frame = frame.f_back
    return False


def is_at_work(frame: FrameType | None) -> bool:
    """Tell whether debugpy itself does what this frame does."""
    if not debugpy_is_there():
        return False
    for _ in range(_NEAR):
        if frame is None:
            return False
        if _DEBUGPY in frame.f_code.co_filename:
            return True
        frame = frame.f_back
    return False


def keep_going() -> None:
    """Let debugpy never stop the calling thread, as it does with every other one when one is stopped."""
    if debugpy_is_there():
        me: Any = threading.current_thread()
        me.pydev_do_not_trace = me.is_pydev_daemon_thread = True


def ends() -> None:
    """Take the calling thread out of the books of `threading`, where it stands since it was to be left alone."""
    threading._active.pop(threading.get_ident(), None)  # type: ignore[attr-defined] # private
