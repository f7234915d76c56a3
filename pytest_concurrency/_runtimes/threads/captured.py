"""What the functions around `explore` have captured: locks made there before the doubles were in place."""

from __future__ import annotations

import sys
from types import CellType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch


def cells_around(watch: Watch) -> Iterator[CellType]:
    """Yield the cells that are not empty of all functions in sight of whoever calls us, as far as they are watched."""
    frame: FrameType | None = sys._getframe(1)
    todo: list[Any] = []
    while frame is not None:
        if watch.is_watched(frame.f_code.co_filename) and frame.f_code.co_name != "<module>":
            todo += frame.f_locals.values()
        frame = frame.f_back
    seen = set[int]()
    while todo:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        for inner in _inside(thing):
            if type(inner) is not CellType:
                todo.append(inner)
            elif inner != CellType():
                yield inner
                todo.append(inner.cell_contents)


def _inside(thing: Any) -> tuple[Any, ...]:
    kind = type(thing)
    if kind is FunctionType:
        return thing.__closure__ or ()
    if kind is MethodType:
        return (thing.__func__,)
    if isinstance(kind, type) and issubclass(kind, type):
        return tuple(each for each in vars(thing).values() if type(each) is FunctionType)
    return ()
