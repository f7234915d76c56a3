"""The line that made a lock or a queue, and the user's object that it is part of."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import frame_memory

if TYPE_CHECKING:
    from types import CodeType, FrameType

_INNER_MODULES: Final = frozenset(
    {
        "pytest_concurrency._runtimes.threads.locks",
        "pytest_concurrency._runtimes.threads.simple_queue",
        "threading",
        "queue",
        "concurrent.futures._base",
        "concurrent.futures.process",
        "concurrent.futures.thread",
        "multiprocessing.context",
        "multiprocessing.pool",
        "pytest_concurrency._runtimes.threads.installing",
        "pytest_concurrency._runtimes.threads.pools",
        "pytest_concurrency._runtimes.threads.answers",
    }
)
_NOBODY: Final = object()
_OURS: Final = "pytest_concurrency._explore.linear_calls"
"""Makes the objects of `race.linearizable`: no line of the user's does."""


def maker(frame: FrameType | None) -> tuple[tuple[str, int], tuple[int, ...], Any]:
    """Return (file and line, lines of the library inside, the object around) of what a frame makes."""
    part_of = None
    inside: tuple[int, ...] = ()
    name = ""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in _INNER_MODULES or frame.f_code.co_name == "<module>":
            break
        inside = (*inside, _line_of(frame))
        if frame.f_code.co_name == "__init__":
            part_of = _self_of(frame, part_of)
        frame = frame.f_back
    made = ("", 0) if frame is None or name == _OURS else (frame.f_code.co_filename, _line_of(frame))
    return made, inside, part_of


_lines: Final[dict[tuple[int, int], tuple[CodeType, int]]] = {}
"""(code's id, instruction) -> (the code, so that no other has its id; the line), found once for a place."""


def _line_of(frame: FrameType) -> int:
    place = id(frame.f_code), frame.f_lasti
    known = _lines.get(place)
    if known is None:
        known = _lines[place] = frame.f_code, frame.f_lineno
    return known[1]


def _self_of(frame: FrameType, otherwise: Any) -> Any:
    """Return whom a method is about, without making a dict of all its variables where that can be helped."""
    read, code = _first(), frame.f_code
    if read is None or code.co_varnames[:1] != ("self",) or "self" in code.co_cellvars:
        return frame.f_locals.get("self", otherwise)
    found = read(frame)
    return otherwise if found is _NOBODY else found


@functools.cache
def _first() -> frame_memory.Reader | None:
    """Return what reads the first variable of a frame."""
    return frame_memory.reader(0, _NOBODY) if frame_memory.is_known() else None
