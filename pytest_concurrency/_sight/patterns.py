"""What is called without a call in the source: by `match`, `super()`, and operators of a class given what exists."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ
from pytest_concurrency._sight import effects, within
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute
from pytest_concurrency._sight.site import OPAQUE

if TYPE_CHECKING:
    import dis
    from types import FrameType

    from pytest_concurrency._sight.instructions import Operand
    from pytest_concurrency._sight.site import Look, Looker, Touched

QUIET: Final = frozenset({"MATCH_MAPPING", "MATCH_SEQUENCE"})
"""They ask of which type something is."""


def found(
    instruction: dis.Instruction, top: Operand, below: Operand, third: Operand, position: Any
) -> tuple[str, int, Look]:
    """Return what an instruction does, in words, with what finds it; the position is that of an attribute."""
    match instruction.opname:
        case "LOAD_SUPER_ATTR":
            name = str(instruction.argval)
            return f"read {name}", READ, _above(third, below, top, name, position)
        case "GET_LEN":
            return "compare", READ, lambda _task, frame: effects.read(top(frame))
        case "MATCH_KEYS":
            return "compare", READ, _keys_of(below)
    return "compare", READ, _parts_of(third, below, top, instruction.arg or 0)


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


def _keys_of(subject: Operand) -> Look:
    """Return what `case {"key": value}` touches."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        thing = subject(frame)
        return None if thing is UNKNOWN else within.looked_in(thing, None)

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
