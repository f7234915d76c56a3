"""One instruction that may touch shared state, and the shape of what it touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.resolve import Resolver

Touched = tuple[tuple[Any, str, int], ...] | None
"""(object, what of it, READ or WRITE) ...; None means that the effect is unknown."""

Look = Callable[["Task", "FrameType"], Touched]


class Site:
    """One instruction that may touch shared state.

    Attributes:
        number: Its index among all sites of the process.
        what: The operation in words, part of the schedule's text.
        look: Finds what it touches, in the frame that is about to execute it.
        item: Finds which item of a container it touches, where the source says so.
    """

    __slots__ = ("code", "item", "line", "look", "mode", "number", "what")

    def __init__(self, code: CodeType, line: int, what: str, mode: int, look: Look) -> None:
        self.number = -1
        self.code = code
        self.line = line
        self.what = what
        self.mode = mode
        self.look = look
        self.item: Resolver | None = None


class _Cells:
    """Stands for all closure variables; the name and file say which."""


CELLS: Final = _Cells()
