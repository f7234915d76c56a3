"""What an instruction is about to work on, where its source does not say: the values on the stack of its frame."""

from __future__ import annotations

import ast
import dis
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import frame_memory
from pytest_concurrency._sight import calls
from pytest_concurrency._sight.instructions import Operand, may_be_shared
from pytest_concurrency._sight.resolve import UNKNOWN, Resolver, read_parts, resolver

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._sight.site import Look, Looker, Touched

_ENDS: Final = frozenset(
    {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD", "JUMP_BACKWARD",
     "JUMP_BACKWARD_NO_INTERRUPT", "INTERPRETER_EXIT"}
)  # fmt: skip
"""What stands behind these in the code does not follow them."""
_JUMPS: Final = frozenset({*dis.hasjrel, *dis.hasjabs})
_GIVES_ITSELF: Final = 1 if sys.version_info < (3, 13) else 0
"""What making a generator leaves on the stack, and `dis` does not say."""
LOOP: Final = 1 if sys.version_info >= (3, 15) else 0
"""How many places of a loop stand above its iterator: Python 3.15 may keep an index there."""
_LAZY: Final = frozenset({"enumerate", "zip", "reversed", "iter", "list", "tuple", "sorted", "set", "map", "filter"})


def hides(node: ast.AST | None, owner: str = "") -> bool:
    """Tell whether whoever walks over what an expression gives, may touch an object that its words do not name."""
    match node:
        case None:
            return True
        case ast.Call(func=ast.Name(id="map" | "filter")):
            return True
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _LAZY:
            return any(hides(each, owner) for each in arguments)
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "keys" | "values"), args=[]):
            return hides(inner, owner)
        case ast.Starred(value=inner):
            return hides(inner, owner)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return resolver(node, owner) is None
    return may_be_shared(node)


class Operands:
    """Finds what the instructions of one code object are about to work on.

    Attributes:
        are_seen: Whether the stack can be read: else only what is named plainly is found.
    """

    def __init__(self, code: CodeType, owner: str) -> None:
        own = [each for each in code.co_cellvars if each not in code.co_varnames]
        self._bottom = code.co_nlocals + len(own) + len(code.co_freevars)
        self._owner = owner
        self._code = code
        self._depths: dict[int, int] | None = None
        self.are_seen = frame_memory.is_known()

    def at(self, instruction: dis.Instruction, below: int = 0, node: ast.AST | None = None) -> Operand:
        """Return what finds the value so many places below the top of the stack, which is 0.

        Args:
            instruction: It has not begun when the value is asked for.
            below: How many places below the top.
            node: What gives the value in the source, for a Python whose stack cannot be read.
        """
        if not self.are_seen:
            base = resolver(node, self._owner)
            return _cannot_tell if base is None else _named(base)
        if self._depths is None:
            self._depths = depths(self._code)
        depth = self._depths.get(instruction.offset, 0)
        number = self._bottom + depth - 1 - below
        return _cannot_tell if below >= depth else frame_memory.reader(number, UNKNOWN)

    def spread(self, instruction: dis.Instruction) -> Operand | None:
        """Return what finds the list of `f(*items)`, under its names where it has some."""
        has_names = sys.version_info >= (3, 14) or bool((instruction.arg or 0) & 1)
        return self.at(instruction, int(has_names)) if self.are_seen else None

    def arguments(self, instruction: dis.Instruction, node: ast.Call) -> list[Operand]:
        """Return what finds the arguments of a call; where they are not seen, what in them others may know."""
        if self.are_seen and instruction.opname != "CALL_FUNCTION_EX":
            names = 1 if instruction.opname == "CALL_KW" else 0
            return [self.at(instruction, below + names) for below in reversed(range(instruction.arg or 0))]
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        parts = [(type(argument), each) for argument in given for each in _named_parts(argument, self._owner)]
        return [_unpacked(each) if kind is ast.Starred else each for kind, each in parts]


class _Unpacked(tuple[Any, ...]):
    """What stands for one argument in the source, and is several."""

    __slots__ = ()


def _unpacked(operand: Operand) -> Operand:
    def unpack(frame: FrameType) -> Any:
        value = operand(frame)
        return _Unpacked(value) if type(value) in (list, tuple) else value

    return unpack


def values(operands: list[Operand], frame: FrameType) -> list[Any]:
    """Return the arguments of a call."""
    found = list[Any]()
    for each in operands:
        value = each(frame)
        found += value if type(value) is _Unpacked else (value,)
    return found


def _named_parts(node: ast.expr, owner: str) -> list[Operand]:
    """Return what finds the objects that an argument names, for a Python whose stack cannot be read."""
    found = list[Operand]()
    for part in [node] if isinstance(node, ast.Constant) or may_be_shared(node) else read_parts(node):
        base = resolver(part, owner)
        if base is not None or may_be_shared(part):
            found.append(_cannot_tell if base is None else _named(base))
    return found


def _named(base: Resolver) -> Operand:
    return lambda frame: base(frame.f_locals, frame.f_globals)


def _cannot_tell(_frame: FrameType) -> Any:
    return UNKNOWN


def given_to(node: ast.Call) -> int:
    """Return how many arguments a call has in the source."""
    return len(node.args) + len(node.keywords)


def decorates(operands: Operands, instruction: dis.Instruction) -> Look | None:
    """Return what finds what a decorator touches: a call that is not one in the source, with one argument."""
    if instruction.opname != "CALL" or instruction.arg != 0 or not operands.are_seen:
        return None
    decorator, given = operands.at(instruction, 1), operands.at(instruction)

    def look(_task: Looker, frame: FrameType) -> Touched:
        function = decorator(frame)
        return () if function is UNKNOWN else calls.call(function, [given(frame)])

    return look


def touching(operand: Operand, effect: Callable[[Any], Touched]) -> Look:
    """Return what an operation with this effect touches of an operand."""
    return lambda _task, frame: effect(operand(frame))


def depths(code: CodeType) -> dict[int, int]:
    """Return how many values are on the stack before each instruction that can be reached, by its offset."""
    instructions = {each.offset: each for each in dis.get_instructions(code)}
    after = dict(zip(instructions, list(instructions)[1:], strict=False))
    found = dict[int, int]()
    handlers = [(each.target, each.depth + 1 + each.lasti) for each in dis.Bytecode(code).exception_entries]  # type: ignore[attr-defined] # not in the stubs
    todo = [(next(iter(instructions)), 0), *handlers]
    while todo:
        offset, depth = todo.pop()
        if offset in found:
            continue
        found[offset] = depth
        instruction = instructions[offset]
        if instruction.opcode in _JUMPS:
            todo.append((instruction.argval, depth + dis.stack_effect(instruction.opcode, instruction.arg, jump=True)))
        if instruction.opname not in _ENDS and offset in after:
            todo.append((after[offset], depth + _effect(instruction)))
    return found


def _effect(instruction: dis.Instruction) -> int:
    """Return by how many values an instruction lets the stack grow that does not jump."""
    if instruction.opname == "PRECALL":
        return 0  # Python 3.11 leaves all to the call itself, unlike what `dis` says
    if instruction.opname == "CALL" and sys.version_info < (3, 12):
        return -1 - (instruction.arg or 0)
    grown = dis.stack_effect(instruction.opcode, instruction.arg, jump=False)
    return grown + _GIVES_ITSELF if instruction.opname == "RETURN_GENERATOR" else grown
