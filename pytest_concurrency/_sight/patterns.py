"""What is called without a call in the source: by `match`, `super()`, `{a, b}`, operators that a class is given."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ
from pytest_concurrency._sight import effects, nested, within
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute
from pytest_concurrency._sight.site import OPAQUE

if TYPE_CHECKING:
    import dis
    from types import FrameType

    from pytest_concurrency._sight.instructions import Operand
    from pytest_concurrency._sight.operands import Operands
    from pytest_concurrency._sight.site import Look, Looker, Touched

_DISPLAYS: Final = frozenset({"BUILD_SET", "BUILD_MAP", "SET_ADD", "MAP_ADD"})
FOUND: Final = _DISPLAYS | {"GET_LEN", "LOAD_SUPER_ATTR", "MATCH_CLASS", "MATCH_KEYS"}
"""Instructions of which it is said here what they touch; the others of `match` ask of which type something is."""
HASHES: Final = frozenset({"SET_UPDATE", "DICT_UPDATE"})
"""What `{*a}` and `{**a}` do; the keys of `f(**a)` are texts."""
_NEW_TEXTS: Final = frozenset({"str", "int", "repr", "len", "id", "hash", "float", "bool"})


def found(instruction: dis.Instruction, operands: Operands, node: Any) -> tuple[str, int, Look] | None:
    """Return what an instruction does, in words, with what finds it; None if it touches nothing."""
    top, below, third = (operands.at(instruction, each) for each in range(3))
    match instruction.opname:
        case "LOAD_SUPER_ATTR":
            name = str(instruction.argval)
            position = (node.end_lineno, node.end_col_offset) if isinstance(node, ast.Attribute) else None
            return f"read {name}", READ, _above(third, below, top, name, position)
        case "GET_LEN":
            return "compare", READ, lambda _task, frame: effects.read(top(frame))
        case "MATCH_KEYS":
            return "compare", READ, _keys_of(below, top)
        case name if name in _DISPLAYS:
            look = None if not instruction.arg or _are_settled(node) else _displays(instruction, operands, node)
            return None if look is None else ("hash", READ, look)
    return "compare", READ, _parts_of(third, below, top, instruction.arg or 0)


def _are_settled(node: Any) -> bool:
    """Tell whether all that a display hashes is made of constants, or a new text or number."""
    match node:
        case ast.Set(elts=keys) | ast.Tuple(elts=keys) | ast.Dict(keys=keys):
            return all(each is None or _are_settled(each) for each in keys)
        case ast.Call(func=ast.Name(id=name)):
            return name in _NEW_TEXTS
    return isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare))


def _displays(instruction: dis.Instruction, operands: Operands, node: Any) -> Look:
    """Return what `{a, b}` and `{a: 1}` touch, and each step of `{a for a in rows}`: what is hashed, and compared."""
    count, name = instruction.arg or 0, instruction.opname
    if name in ("SET_ADD", "MAP_ADD"):
        beside = int(name == "MAP_ADD")
        key, kept = operands.at(instruction, beside, node), operands.at(instruction, count + beside)
        return lambda _task, frame: within.keyed(kept(frame), key(frame))
    each_takes = 2 if name == "BUILD_MAP" else 1
    parts: Any = getattr(node, "elts", None) or getattr(node, "keys", None) or ()
    nodes = parts if len(parts) == count else [None] * count
    keys = [operands.at(instruction, each_takes * (count - at) - 1, each) for at, each in enumerate(nodes)]
    return lambda _task, frame: within.hashed([key(frame) for key in keys])


def hashes(instruction: dis.Instruction, operands: Operands) -> Look:
    """Return what `{*a}` and `{**a}` hash and compare."""
    given, kept = operands.at(instruction), operands.at(instruction, instruction.arg or 0)
    return lambda _task, frame: nested.put_in([kept(frame), given(frame)])


_DEFINED: Final = frozenset(
    {types.FunctionType, staticmethod, classmethod, property, types.MethodDescriptorType, types.WrapperDescriptorType}
)


def is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def defines(value: Operand) -> Look:
    """Return what `__len__ = words.pop` in a class touches: operators will call a function of another object's."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        return OPAQUE if calls_another(value(frame)) else ()

    return look


def calls_another(method: Any) -> bool:
    """Tell whether a special method is a function in C of another object, or may be: nothing shows its calls."""
    return method is UNKNOWN or (callable(method) and type(method) not in _DEFINED)


def _keys_of(subject: Operand, keys: Operand) -> Look:
    """Return what `case {"key": value}` touches."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        thing, asked = subject(frame), keys(frame)
        if thing is UNKNOWN or type(asked) is not tuple:
            return None
        return within.together([within.looked_in(thing, each) for each in asked or (None,)])

    return look


def _parts_of(subject: Operand, kind: Operand, names: Operand, positional: int) -> Look:
    """Return what `case Point(0, y=0)` touches: the attributes that it asks for, of what is a point."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        thing, of, named = subject(frame), kind(frame), names(frame)
        if thing is UNKNOWN or type(of) is not type or type(named) is not tuple:
            return None  # a metaclass may run code
        if of not in type(thing).__mro__:
            return ()
        asked = class_attribute(of, "__match_args__")[1]
        first = asked[:positional] if type(asked) is tuple else ()  # a number is itself, and so is a list
        return within.together([effects.attribute(thing, str(name), READ) for name in (*first, *named)])

    return look


def _above(asks: Operand, kind: Operand, this: Operand, name: str, position: Any) -> Look:
    """Return what `super().name` touches; the call that follows finds the object under the position."""

    def look(task: Looker, frame: FrameType) -> Touched:
        if asks(frame) is not super:
            return None
        thing = super(kind(frame), this(frame))
        task.saved[id(frame), position] = thing
        return effects.attribute(thing, name, READ)

    return look
