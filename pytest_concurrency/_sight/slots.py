"""Which slot of a list or dictionary an instruction touches, where that is certain: other slots are others' business.

Only what leaves the container's length and order alone is an access to a slot: reading one, or writing one that
is there. Everything else, a new key for one, touches the whole. What stands in the brackets is read from the stack of
the frame; where that is not possible, it must be made of constants and local variables of the frame's own: what others
can write may have changed since it was read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from operator import add, mul, sub
from types import CellType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, READ_PART, WRITE, WRITE_PART
from pytest_concurrency._sight.effects import CONTENT
from pytest_concurrency._sight.resolve import UNKNOWN, plain_attribute
from pytest_concurrency._sight.site import CELLS

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Access
    from pytest_concurrency._sight.site import Site, Touched

Slot = Callable[["FrameType"], Any]
"""Finds what stands in the brackets, in the frame that is about to use it."""
_Value = Callable[[Any], Any]
"""Takes the local variables of a frame."""

SLOTS: Final = frozenset({"BINARY_SUBSCR", "BINARY_OP", "STORE_SUBSCR"})
"""Instructions that may touch one slot and nothing else."""

_KEYS: Final = (int, str)
_OPERATORS: Final[dict[type, Callable[[int, int], int]]] = {ast.Add: add, ast.Sub: sub, ast.Mult: mul}


def slot_of(code: CodeType, opname: str, index: ast.expr | None, walrus: set[str]) -> Slot | None:
    """Return what finds out which slot an instruction touches, by words; None where that is not certain.

    Args:
        code: Whose instruction it is.
        opname: The instruction.
        index: What stands in the brackets.
        walrus: Names that expressions bind: `items[i] += (i := 1)` has set `i` anew before it writes.
    """
    value = _value(code, index, walrus) if index is not None and opname in SLOTS else None
    return None if value is None else lambda frame: value(frame.f_locals)


def _value(code: CodeType, index: ast.expr, walrus: set[str]) -> _Value | None:
    match index:
        case ast.Constant(value=int() | str() as value):
            return lambda _locals: value
        case ast.Name(id=name) if name in code.co_varnames and name not in code.co_cellvars and name not in walrus:
            return lambda space: space.get(name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as op, right=right):
            first, second = _value(code, left, walrus), _value(code, right, walrus)
            return None if first is None or second is None else _computed(first, _OPERATORS[type(op)], second)
    return None


def _computed(first: _Value, compute: Callable[[int, int], int], second: _Value) -> _Value:
    def value(space: Any) -> Any:
        left, right = first(space), second(space)
        return compute(left, right) if type(left) is type(right) is int else None

    return value


def narrowed(site: Site, frame: FrameType, touched: Touched, accesses: tuple[Access, ...]) -> tuple[Access, ...]:
    """Return the accesses of a site with the slot in place of the whole container, where it is certain."""
    if site.slot is None or not touched or len(touched) != 1:
        return accesses
    container, _, mode = touched[0]
    slot = site.slot(frame)
    if not _is_there(container, slot, mode):
        return accesses
    key: Any = accesses[0][0]
    return ((key, WRITE_PART if mode == WRITE else READ_PART), ((*key, slot), mode))


def _is_there(container: Any, slot: Any, mode: int) -> bool:
    """Tell whether an access touches one slot and nothing else of a container."""
    if type(container) is list:
        return type(slot) is int and slot >= 0
    return type(container) is dict and type(slot) in _KEYS and (mode == READ or slot in container)


def is_lost(container: Any, accesses: tuple[Access, ...]) -> bool:
    """Tell whether a slot that was to be written has gone while its writer waited for the turn."""
    if type(container) is not dict or len(accesses) != 2 or accesses[0][1] != WRITE_PART:
        return False
    key: Any = accesses[1][0]
    return key[-1] not in container


def current_value(thing: Any, part: str, frame: FrameType, item: Any = None) -> Any:
    """Return what stands at a place right now, or `UNKNOWN`, without running code of the user's."""
    if thing is CELLS or type(thing) is CellType:
        return frame.f_locals.get(part.partition(" of ")[0], UNKNOWN)
    if part == CONTENT:
        if type(item) is not tuple:
            return thing
        if type(thing) is list:
            return thing[item[1]] if type(item[1]) is int and -len(thing) <= item[1] < len(thing) else UNKNOWN
        return dict.get(thing, item[1], UNKNOWN) if isinstance(thing, dict) else UNKNOWN
    if type(thing) is dict:
        return thing.get(part, UNKNOWN)
    return plain_attribute(thing, part)
