"""What stands in a running frame beside its variables' values: their cells, and what an instruction is about to use.

Only the memory of the frame tells it.
"""

from __future__ import annotations

import functools
import struct
import sys
import sysconfig
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

Reader = Callable[[FrameType], Any]

_KNOWN: Final = ((3, 11), (3, 16))
"""From the first of these Pythons up to the second, which is not known yet, frames lie in memory as is said here."""
_FRAME: Final = object.__basicsize__ + 8
"""Where a frame object says where the interpreter's frame is: behind the frame that called it."""
_VARIABLES: Final = 80 if sys.version_info >= (3, 14) else 72
"""Where the variables of the interpreter's frame begin."""
_WORD: Final = struct.calcsize("P")
_TAGS: Final = 7
"""Bits of a variable, from Python 3.14 on, that belong to no address."""
_NUMBER: Final = 3
"""The lowest of these bits in what is no object but a number of the interpreter's own."""


@functools.cache
def is_known() -> bool:
    """Tell whether it is known where things stand in the frames of this Python."""
    known = _KNOWN[0] <= sys.version_info < _KNOWN[1] and sys.implementation.name == "cpython"
    if not known or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    try:
        _memory()
    except ImportError:  # a Python that was built without ctypes
        return False
    return _is_right()


def reader(number: int, nothing: Any) -> Reader:
    """Return what reads the object at a number of a frame; it is for Pythons of which it is known.

    Variables are numbered as instructions number them: parameters and other locals, cells, free variables; behind
    these stands the stack, from its bottom. A number beyond the stack's top may not be asked for.

    Args:
        number: Which one.
        nothing: What is returned where the frame has no object there.
    """
    words, objects, at, frame_at, size = *_memory(), _VARIABLES // _WORD + number, _FRAME // _WORD, _WORD

    def read(frame: FrameType) -> Any:
        try:
            return objects[words[id(frame) // size + frame_at] // size + at]
        except ValueError:
            return nothing

    return read if sys.version_info < (3, 14) else _untagging(words, objects, at, nothing)


def _untagging(words: Any, objects: Any, at: int, nothing: Any) -> Reader:
    import ctypes

    cast, kind, frame_at, size = ctypes.cast, ctypes.py_object, _FRAME // _WORD, _WORD

    def read(frame: FrameType) -> Any:
        place = words[id(frame) // size + frame_at] // size + at
        stored = words[place]
        if not stored or not stored & ~_TAGS or stored & _NUMBER == _NUMBER:
            return nothing
        return cast(stored & ~_TAGS, kind).value if stored & _TAGS else objects[place]

    return read


@functools.cache
def _memory() -> tuple[Any, Any]:
    """Return all memory as a row of words, and as one of objects; none of it is copied, and reading one is quick."""
    import ctypes  # few explorations need it

    length = sys.maxsize // _WORD
    return (ctypes.c_void_p * length).from_address(0), (ctypes.py_object * length).from_address(0)


def _is_right() -> bool:
    """Try it on a variable whose cell is known."""
    variable = 0

    def inner() -> bool:
        frame = sys._getframe()
        number = frame.f_code.co_nlocals + frame.f_code.co_freevars.index("variable")
        closure = inner.__closure__ or ()
        return reader(number, None)(frame) is closure[frame.f_code.co_freevars.index("variable")] and variable == 0

    return inner()
