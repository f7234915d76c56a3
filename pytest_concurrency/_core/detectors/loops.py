"""Loops of a source file: which question decides whether one goes round again, and whether it works meanwhile."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Span = tuple[int, int, int, int]
"""(line, column, end line, end column), lines from 1."""

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)
_EXITS: Final = (ast.Break, ast.Return, ast.Raise, ast.Continue)
_QUESTIONS: Final = frozenset(
    {"is_set", "isSet", "locked", "empty", "full", "qsize", "is_alive", "done", "running", "cancelled", "ready",
     "get_nowait", "put_nowait", "active_count", "successful"}
)  # fmt: skip
_IDLE: Final = _QUESTIONS | frozenset(
    {"sleep", "acquire", "release", "print", "debug", "info", "warning", "monotonic", "perf_counter", "time",
     "len", "any", "all", "bool", "not_", "range", "min", "max"}
)  # fmt: skip
_CLOCKS: Final = frozenset({"monotonic", "perf_counter", "time", "monotonic_ns", "perf_counter_ns", "time_ns"})


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop around a place in the source.

    Attributes:
        line: The line it begins in.
        is_while: Whether it is a `while`; a `for` goes on to the next item by itself.
        asks: Whether what stands at the place decides if the loop goes round again.
        works: Whether its body calls anything but questions, sleeps and locks.
        rests: Whether it sleeps for what the clock says is left, and looks whether that was prolonged.
    """

    line: int
    is_while: bool
    asks: bool
    works: bool
    rests: bool


class Loops:
    """All loops of one file."""

    def __init__(self, text: str) -> None:
        self._scopes: list[ast.AST] = []
        self._loops: list[ast.While | ast.For] = []
        self._exits: dict[ast.AST, list[ast.expr]] = {}
        self._names: dict[ast.AST, set[str]] = {}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, _SCOPES):
                self._scopes.append(node)
            elif isinstance(node, (ast.While, ast.For)):
                self._loops.append(node)

    def around(self, span: Span) -> list[Loop]:
        """Return the loops around a place, from the innermost outwards, of the same function only."""
        scope = self._scope(span)
        found = [
            node
            for node in self._loops
            if _contains(node, span) and self._scope(_span(node)) is scope and not _within(node.orelse, span)
        ]
        found.sort(key=lambda node: (node.lineno, node.col_offset), reverse=True)
        return [
            Loop(node.lineno, isinstance(node, ast.While), self._asks(node, span), self._works(node), _rests(node))
            for node in found
        ]

    def _scope(self, span: Span) -> ast.AST | None:
        around = [
            node
            for node in self._scopes
            if not isinstance(node, ast.Module) and _contains(node, span) and _span(node) != span
        ]
        return max(around, key=lambda node: _span(node)[:2], default=None)

    def _asks(self, loop: ast.While | ast.For, span: Span) -> bool:
        exits = self._exits_of(loop)
        if any(_contains(test, span) for test in exits):
            return True
        names = self._names_of(loop)
        for node in _inside(loop):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and _contains(node, span):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(each, ast.Name) and each.id in names for each in targets):
                    return True
        return False

    def _exits_of(self, loop: ast.While | ast.For) -> list[ast.expr]:
        exits = self._exits.get(loop)
        if exits is None:
            exits = [loop.test] if isinstance(loop, ast.While) else []
            exits += [node.test for node in _inside(loop) if isinstance(node, ast.If) and _decides(node, loop)]
            self._exits[loop] = exits
            self._names[loop] = {node.id for test in exits for node in ast.walk(test) if isinstance(node, ast.Name)}
        return exits

    def _names_of(self, loop: ast.While | ast.For) -> set[str]:
        self._exits_of(loop)
        return self._names[loop]

    def _works(self, loop: ast.While | ast.For) -> bool:
        exits = self._exits_of(loop)
        asked = {id(node) for test in exits for node in ast.walk(test)}
        names = self._names_of(loop)
        for node in _inside(loop):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id in names for t in node.targets):
                asked.update(id(each) for each in ast.walk(node.value))
            if isinstance(node, ast.withitem):
                asked.update(id(each) for each in ast.walk(node.context_expr))
        if isinstance(loop, ast.For):
            asked.update(id(each) for each in ast.walk(loop.iter))
        return any(
            isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.YieldFrom))
            and id(node) not in asked
            and not (isinstance(node, ast.Call) and _called(node) in _IDLE)
            for node in _waiting_part(loop.body)
        )


def _rests(loop: ast.While | ast.For) -> bool:
    """Tell whether each sleep in a loop lasts exactly the rest of a time, as the clock gives it."""
    nodes = [*_inside(loop), *(ast.walk(loop.test) if isinstance(loop, ast.While) else ())]
    rests = set()
    for node in nodes:
        if isinstance(node, ast.NamedExpr) and _is_rest(node.value, set()) and isinstance(node.target, ast.Name):
            rests.add(node.target.id)
        elif isinstance(node, ast.Assign) and _is_rest(node.value, set()):
            rests.update(target.id for target in node.targets if isinstance(target, ast.Name))
    sleeps = [node for node in nodes if isinstance(node, ast.Call) and _called(node) == "sleep"]
    return bool(sleeps) and all(len(node.args) == 1 and _is_rest(node.args[0], rests) for node in sleeps)


def _is_rest(node: ast.expr, rests: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in rests
        case ast.BinOp(op=ast.Sub(), right=ast.Call() as call):
            return _called(call) in _CLOCKS
        case ast.Call(func=ast.Name(id="max"), args=args):
            return any(_is_rest(each, rests) for each in args)
    return False


def _waiting_part(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a loop's body that run while its question is answered with "not yet"."""
    for each in body:
        match each:
            case ast.If(test=test, body=then, orelse=other):
                yield from ast.walk(test)
                if any(isinstance(last, ast.Continue) for last in then):
                    yield from _waiting_part(then)
                    return  # what follows `if not yet: continue` is the work
                if not _leaves(then) and _sleeps_in(then) and not _sleeps_in(other):
                    yield from _waiting_part(then)
                else:
                    yield from _waiting_part(other)
            case ast.Try(body=tried, handlers=handlers, finalbody=final):
                yield from _waiting_part(tried[:1])  # what follows the first line runs when it has not failed
                for handler in handlers:
                    yield from _waiting_part(handler.body)
                yield from _waiting_part(final)
            case ast.With(items=items, body=inner):
                for item in items:
                    yield from ast.walk(item.context_expr)
                yield from _waiting_part(inner)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass
            case _:
                yield from ast.walk(each)


def _leaves(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, _EXITS) for each in body)


def _decides(test: ast.If, loop: ast.While | ast.For) -> bool:
    """Tell whether an `if` in a loop decides about going round again."""
    if any(isinstance(node, _EXITS) for each in [*test.body, *test.orelse] for node in ast.walk(each)):
        return True
    return isinstance(loop, ast.While) and (_sleeps(test) or test in loop.body)


def _sleeps(node: ast.If) -> bool:
    return _sleeps_in(node.body) or _sleeps_in(node.orelse)


def _sleeps_in(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Call) and _called(node) == "sleep" for each in body for node in ast.walk(each))


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _inside(loop: ast.While | ast.For) -> Iterator[ast.AST]:
    """Yield the nodes of a loop's body that belong to the same function."""
    stack: list[ast.AST] = list(loop.body)
    while stack:
        node = stack.pop()
        if not isinstance(node, _SCOPES):
            yield node
            stack.extend(ast.iter_child_nodes(node))


def _span(node: ast.AST) -> Span:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined] # statements and expressions have them


def _contains(node: ast.AST, span: Span) -> bool:
    first = _span(node)
    return first[:2] <= span[:2] and span[2:] <= first[2:]


def _within(body: list[ast.stmt], span: Span) -> bool:
    return any(_contains(each, span) for each in body)
