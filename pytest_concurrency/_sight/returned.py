"""What a call may give, read from the source of what it calls: something of its own, or what others know too.

This is for a Python whose stack cannot be read.
"""

from __future__ import annotations

import ast
import functools
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.effects import is_python
from pytest_concurrency._sight.instructions import FRESH, all_of, reads
from pytest_concurrency._sight.resolve import UNKNOWN, Resolver, class_attribute, instance_dict, resolver
from pytest_concurrency._sight.source_index import index_file

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._sight.site import Look, Looker, Touched

_PLAIN: Final = (
    ast.Constant, ast.Compare, ast.BinOp, ast.UnaryOp, ast.JoinedStr, ast.List, ast.Tuple, ast.Dict, ast.Set,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda,
)  # fmt: skip


ASKED: Final = (
    ast.Name, ast.Attribute, ast.Subscript, ast.FormattedValue, ast.UnaryOp, ast.Starred, ast.Assign, ast.If, ast.While,
    ast.IfExp, ast.BoolOp, ast.Call,
)  # fmt: skip
"""Where a value is asked for its words, its sign, or whether it is true."""


def asked_of(node: ast.AST | None) -> ast.AST | None:
    """Return what is asked at one of these."""
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        node = node.test
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    return node.value if isinstance(node, (ast.FormattedValue, ast.Starred, ast.Assign)) else node


def asks_by_name(node: ast.AST | None, owner: str) -> Look | None:
    """What is touched where a call or the parts of `a or b` are asked; None where it is neither, or nothing."""
    if isinstance(node, ast.Call):
        return _tests_call(node, owner)
    if not isinstance(node, ast.BoolOp):
        return None
    tested = [base for each in node.values[:-1] if (base := resolver(each, owner)) is not None]
    called = [each for each in node.values[:-1] if isinstance(each, ast.Call)]
    asked = [look for each in called if (look := _tests_call(each, owner)) is not None]
    return all_of([reads(tested), *asked]) if tested or asked else None


def _tests_call(node: ast.Call, owner: str) -> Look | None:
    """What asking whether a call gave something touches, beside the call; None where the callee is not plain."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    base = resolver(node.func.value if isinstance(node.func, ast.Attribute) else node.func, owner)
    return None if base is None else _look(base, name)


def _look(base: Resolver, name: str) -> Look:
    def look(_task: Looker, frame: FrameType) -> Touched:
        found = base(frame.f_locals, frame.f_globals)
        if name and found is not UNKNOWN:
            own = instance_dict(found) or {}
            kind: Any = found if isinstance(found, type) else type(found)
            found = own[name] if name in own else class_attribute(kind, name)[1]
        plain = found.__func__ if type(found) in (MethodType, staticmethod, classmethod) else found
        if type(plain) is not FunctionType or not is_python(plain):
            return ()
        return () if gives_its_own(plain.__code__) else None

    return look


@functools.cache
def gives_its_own(code: CodeType) -> bool:
    """Tell whether all that a function returns is made by it, or cannot change."""
    index = index_file(code.co_filename)
    for nodes in () if index is None else index.nodes.values():
        for node in nodes:
            if isinstance(node, (ast.FunctionDef, ast.Lambda)) and is_of(node, code):
                return all(map(_is_plain, _returned(node)))
    return False


def is_of(node: ast.FunctionDef | ast.Lambda, code: CodeType) -> bool:
    """Tell whether a node is the source of a code object."""
    line = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return line == code.co_firstlineno and getattr(node, "name", "<lambda>") == code.co_name


def _returned(node: ast.FunctionDef | ast.Lambda) -> list[ast.expr]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    found, todo = list[ast.expr](), list[ast.AST](node.body)
    while todo:
        each = todo.pop()
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(each, ast.Return) and each.value is not None:
            found.append(each.value)
        todo += ast.iter_child_nodes(each)
    return found


def _is_plain(node: ast.expr) -> bool:
    match node:
        case ast.BoolOp(values=values):
            return all(map(_is_plain, values))
        case ast.IfExp(body=body, orelse=other):
            return _is_plain(body) and _is_plain(other)
        case ast.Call(func=ast.Name(id=name)):
            return name in FRESH
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in _ANSWERS
    return isinstance(node, _PLAIN)


_ANSWERS: Final = frozenset(
    {"acquire", "wait", "wait_for", "is_set", "locked", "is_alive", "empty", "full", "qsize", "startswith", "endswith",
     "isdigit", "count", "index", "issubset", "isdisjoint", "copy", "done", "cancelled", "cancel", "format", "join"}
)  # fmt: skip
