"""In which cell a variable of a closure stands: only the memory of a running frame tells it."""

from __future__ import annotations

import functools
import sys
import sysconfig
from collections.abc import Callable
from types import CellType, FrameType
from typing import Any, Final

Finder = Callable[[FrameType, int], CellType | None]

_KNOWN: Final = ((3, 11), (3, 16))
"""From the first of these Pythons up to the second, which is not known yet, frames lie in memory as is said here."""
_FRAME: Final = object.__basicsize__ + 8
"""Where a frame object says where the interpreter's frame is: behind the frame that called it."""
_VARIABLES: Final = 80 if sys.version_info >= (3, 14) else 72
"""Where the variables of the interpreter's frame begin."""
_TAGS: Final = 7
"""Bits of a variable, from Python 3.14 on, that belong to no address."""


@functools.cache
def finder() -> Finder | None:
    """Return what finds the cell of a frame at the number that an instruction gives; None where that is not known."""
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

    def find(frame: FrameType, number: int) -> CellType | None:
        place: Any = address(id(frame) + _FRAME).value
        place += _VARIABLES + size * number
        if tagged:
            place = address(place).value
            found = None if place is None else cast(place & ~_TAGS, kind).value
        else:
            found = thing(place).value
        return found if type(found) is CellType else None

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
