"""What stands in a running frame beside its variables' values: their cells, and what an instruction is about to use.

Only the memory of the frame tells it.
"""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

Finder = Callable[[FrameType, int], Any]

NOTHING: Final = object()
"""Stands where a frame has no object."""

_KNOWN: Final = ((3, 11), (3, 16))
"""From the first of these Pythons up to the second, which is not known yet, frames lie in memory as is said here."""
_FRAME: Final = object.__basicsize__ + 8
"""Where a frame object says where the interpreter's frame is: behind the frame that called it."""
_VARIABLES: Final = 80 if sys.version_info >= (3, 14) else 72
"""Where the variables of the interpreter's frame begin."""
_TAGS: Final = 7
"""Bits of a variable, from Python 3.14 on, that belong to no address."""
_NUMBER: Final = 3
"""The lowest of these bits in what is no object but a number of the interpreter's own."""


@functools.cache
def finder() -> Finder | None:
    """Return what finds the object at a number of a frame; None where it is not known how.

    Variables are numbered as instructions number them: parameters and other locals, cells, free variables; behind
    these stands the stack, from its bottom. A number beyond the stack's top may not be asked for.
    """
    known = _KNOWN[0] <= sys.version_info < _KNOWN[1] and sys.implementation.name == "cpython"
    if not known or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    try:
        find = _make()
    except ImportError:  # a Python that was built without ctypes
        return None
    return find if _is_right(find) else None


def _make() -> Finder:
    import ctypes  # few explorations need it

    address, thing, cast = ctypes.c_void_p.from_address, ctypes.py_object.from_address, ctypes.cast
    size, kind, tagged = ctypes.sizeof(ctypes.c_void_p), ctypes.py_object, sys.version_info >= (3, 14)

    def find(frame: FrameType, number: int) -> Any:
        place: Any = address(id(frame) + _FRAME).value
        place += _VARIABLES + size * number
        stored: Any = address(place).value or 0
        if not tagged:
            return thing(place).value if stored else NOTHING
        is_object = stored & ~_TAGS and stored & _NUMBER != _NUMBER
        return cast(stored & ~_TAGS, kind).value if is_object else NOTHING

    return find


def _is_right(find: Finder) -> bool:
    """Try it on a variable whose cell is known."""
    variable = 0

    def inner() -> bool:
        frame = sys._getframe()
        number = frame.f_code.co_nlocals + frame.f_code.co_freevars.index("variable")
        closure = inner.__closure__ or ()
        return find(frame, number) is closure[frame.f_code.co_freevars.index("variable")] and variable == 0

    return inner()
