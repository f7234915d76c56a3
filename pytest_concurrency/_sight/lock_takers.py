"""Which locks a function takes, read from its source: nothing of it is run."""

from __future__ import annotations

import ast
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.effects import is_python
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute, resolver
from pytest_concurrency._sight.returned import is_of
from pytest_concurrency._sight.source_index import index_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH: Final = 3
Taken = tuple[Any, CodeType, int]
"""What is taken, in which code and in which line."""


def taken_by(function: Any, depth: int = _DEPTH) -> Iterator[Taken]:
    """Yield what a watched function, and those that it calls by plain names, enter or acquire without a limit."""
    bound = function.__self__ if type(function) is MethodType else None
    plain = function.__func__ if type(function) is MethodType else function
    if type(plain) is not FunctionType or not is_python(plain):
        return
    code, space = plain.__code__, dict(_captured(plain))
    if bound is not None and code.co_argcount:
        space[code.co_varnames[0]] = bound
    for node in _body(code):
        for thing in _entered(node, space, plain.__globals__):
            yield thing, code, node.lineno
        callee = _called(node, space, plain.__globals__) if depth else None
        if callee is not None:
            yield from taken_by(callee, depth - 1)


def _captured(function: FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not bound yet
            continue


def _body(code: CodeType) -> Iterator[Any]:
    """Yield the nodes of a function's own body that take something or call somebody."""
    index = index_file(code.co_filename)
    for nodes in () if index is None else index.nodes.values():
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.Lambda)) and is_of(node, code):
                todo: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
                while todo:
                    each = todo.pop()
                    if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
                        continue
                    if isinstance(each, (ast.With, ast.Call)):
                        yield each
                    todo += ast.iter_child_nodes(each)


def _entered(node: ast.AST, space: dict[str, Any], outer: dict[str, Any]) -> Iterator[Any]:
    match node:
        case ast.With(items=items):
            parts = [each.context_expr for each in items]
        case ast.Call(func=ast.Attribute(value=inner, attr="acquire"), args=[], keywords=[]):
            parts = [inner]
        case _:
            return
    for part in parts:
        resolve = resolver(part)
        if resolve is not None:
            yield resolve(space, outer)


def _called(node: ast.AST, space: dict[str, Any], outer: dict[str, Any]) -> Any:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=name)):
            resolve = resolver(inner)
            thing = UNKNOWN if resolve is None else resolve(space, outer)
            method = UNKNOWN if thing is UNKNOWN else class_attribute(type(thing), name)[1]
            return MethodType(method, thing) if type(method) is FunctionType else None
        case ast.Call(func=ast.Name() as name):
            resolve = resolver(name)
            return None if resolve is None else resolve(space, outer)
    return None
