"""Whether a name that one line of a function assigns decides that another line is gone through."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from pytest_concurrency._sight.source_index import index_file
from pytest_concurrency._sight.stacks import line_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.telling.report import Place

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_LEAVES: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def decides(name: str, line: Place, later: Place) -> bool:
    """Tell whether a line is gone through because of a name, which an earlier line of its function alone assigns."""
    if line.file != later.file or any(line_text(each.file, each.line) != each.source for each in (line, later)):
        return False
    function = _function_around(line, later)
    if function is None:
        return False
    used = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == name]
    if sum(isinstance(each.ctx, ast.Store) for each in used) != 1:
        return False
    return any(
        isinstance(each, ast.If)
        and line.line <= each.lineno
        and _asks(each.test, name)
        and _parts(each, later.line, block)
        for block in _blocks(function)
        for each in block
    )


def _function_around(line: Place, later: Place) -> ast.AST | None:
    """Return the innermost function that both lines are of, if it is the same."""
    found = [[each for each in _functions(place.file) if _holds([each], place.line)] for place in (line, later)]
    inner = [max(each, key=lambda node: node.lineno, default=None) for each in found]
    return inner[0] if inner[0] is inner[1] else None


def _functions(file: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    index = index_file(file)
    for nodes in () if index is None else index.nodes.values():
        yield from (each for each in nodes if isinstance(each, _FUNCTIONS))


def _blocks(function: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value


def _holds(body: list[ast.stmt], line: int) -> bool:
    return any(each.lineno <= line <= (each.end_lineno or 0) for each in body)


def _asks(test: ast.expr, name: str) -> bool:
    """Tell whether a condition is a name or its opposite."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    return isinstance(test, ast.Name) and test.id == name


def _parts(choice: ast.If, line: int, block: list[ast.stmt]) -> bool:
    """Tell whether a line is in one of two ways, or behind a choice in the same block of which one way leaves."""
    if _holds(choice.body, line) or _holds(choice.orelse, line):
        return True
    return isinstance(choice.body[-1], _LEAVES) and not choice.orelse and _holds(block[block.index(choice) + 1 :], line)
