"""What a line asks of a value that it reads, and whether the answer is the same for another value."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ASSIGNED: Final = re.compile(r"(?:with [^:]+:\s*)?(\w+)\s*(?::[^=]+)?=(?!=)")
_OPERATORS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


def assigned(source: str) -> str:
    """Return the name that a line assigns; "" for any other line."""
    found = _ASSIGNED.match(source)
    return "" if found is None else found[1]


def is_answered_otherwise(source: str, name: str, before: str, after: str) -> bool:
    """Tell whether it is certain that a line assigns something else, as true or false, than with the value before.

    Args:
        source: The line, such as `is_free = self.left > 0`.
        name: What it reads, such as `left`.
        before: The value, as a report shows it.
        after: The other value.
    """
    found = _ASSIGNED.match(source)
    try:
        asked = ast.parse(source[found.end() :].strip() if found else "", mode="eval").body
        return bool(_answer(asked, name, _value(before))) is not bool(_answer(asked, name, _value(after)))
    except (SyntaxError, ValueError, TypeError, LookupError):
        return False


class _Object:
    """Stands for a value that is not None, and of which nothing else is known."""

    def __bool__(self) -> bool:
        raise ValueError


def _value(text: str) -> Any:
    if not text or "..." in text:
        raise ValueError(text)
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return _Object()


def _answer(node: ast.expr, name: str, value: Any) -> Any:
    """Return what an expression gives where it asks for nothing but this value.

    Raises:
        ValueError: It asks for something else, too.
    """
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Attribute(attr=found) | ast.Name(id=found) if found == name:
            return value
        case ast.Subscript(value=base, slice=ast.Constant(value=key)) if name == f"item of {ast.unparse(base)}":
            return value[key]  # a report shows the whole container
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _answer(operand, name, value)
        case ast.Compare(left=left, ops=[compares], comparators=[right]) if type(compares) in _OPERATORS:
            sides = _answer(left, name, value), _answer(right, name, value)
            if any(type(side) is _Object for side in sides) and None not in sides:
                raise ValueError(name)
            return _OPERATORS[type(compares)](*sides)
    raise ValueError(name)
