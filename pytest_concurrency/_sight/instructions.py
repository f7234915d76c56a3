"""What can be said of single instructions, without the code object around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import WRITE
from pytest_concurrency._sight import effects
from pytest_concurrency._sight.resolve import UNKNOWN

if TYPE_CHECKING:
    import ast
    import dis
    from types import FrameType

    from pytest_concurrency._sight.site import Looker, Touched

CALLS: Final = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})


def nothing(_task: Looker, _frame: FrameType) -> Touched:
    return ()


def may_repeat(what: str, right: ast.Constant) -> bool:
    """Tell whether an operation with a constant may be one on a container: `items *= 2`, `items += "ab"`."""
    if what.endswith(("*", "*=")):
        return type(right.value) is int
    return what.endswith("+=") and type(right.value) in (str, bytes, tuple)


def place_of(instruction: dis.Instruction) -> Any:
    positions = instruction.positions
    if positions is None:
        return None
    return positions.lineno, positions.end_lineno, positions.col_offset, positions.end_col_offset


def advance_argument(task: Looker, frame: FrameType) -> Touched:
    """A comprehension in a frame of its own is given the iterator of its first loop, which mostly nobody else has."""
    return effects.advanced(frame.f_locals.get(".0", UNKNOWN), task.knows)


def leave_generator(task: Looker, frame: FrameType) -> Touched:
    """A generator that gives the word back can be asked again; before, it is busy."""
    generator = task.generator_of(frame)
    return () if generator is None else ((generator, effects.CONTENT, WRITE),)


def leaves_with(instruction: dis.Instruction, before: dis.Instruction | None) -> bool:
    """Tell whether a call is that of `__exit__`: its constants have no place of their own."""
    return (
        before is not None
        and instruction.opname == "CALL"
        and before.opname == "LOAD_CONST"
        and before.positions == instruction.positions
    )
