"""The loops around an instruction, found by its place in the source."""

from __future__ import annotations

import functools
import linecache
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.detectors.loops import Loop, Loops, Span

if TYPE_CHECKING:
    from types import CodeType

_NOWHERE: Final[tuple[Span, list[Loop]]] = ((0, 0, 0, 0), [])


class LoopIndex:
    """What was asked for so far, by code object and instruction; kept for the life of the process."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], tuple[Span, list[Loop]]] = {}
        self._codes: list[CodeType] = []  # keeps the ids valid

    def around(self, code: CodeType, at: int) -> tuple[Span, list[Loop]]:
        """Return the place of the instruction at an offset, and the loops around it from the innermost outwards."""
        key = (id(code), at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _find(code, at)
            self._codes.append(code)
        return found


loop_index: Final = LoopIndex()


def _find(code: CodeType, at: int) -> tuple[Span, list[Loop]]:
    index = _loops_in(code.co_filename)
    if index is None:
        return _NOWHERE
    for number, (line, end_line, column, end_column) in enumerate(code.co_positions()):
        if number * 2 == at:
            if line is None or end_line is None or column is None or end_column is None:
                break
            span = (line, column, end_line, end_column)
            return span, index.around(span)
    return _NOWHERE


@functools.cache  # every code object of a file asks for the same
def _loops_in(filename: str) -> Loops | None:
    """Read a file and find its loops; None where there is no source or it does not parse."""
    text = "".join(linecache.getlines(filename))
    try:
        return Loops(text) if text.strip() else None
    except (SyntaxError, ValueError):
        return None
