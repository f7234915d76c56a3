"""The syntax of a source file, found by the position of an instruction."""

from __future__ import annotations

import ast
import linecache
from collections import Counter
from typing import Final

Position = tuple[int | None, int | None, int | None, int | None]

_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


class SourceIndex:
    """The nodes of one file by position, and the names whose binding can change while shared.

    Attributes:
        rebound_globals: Names that some `global` statement of the file declares.
        rebound_cells: Names that some `nonlocal` declares or that a function binds repeatedly.
        walrus: Names that some expression binds, in the midst of a statement.
        called: The ends of attributes that are called right away.
        withs: Its `with` statements.
        unpacked: What is assigned to a tuple or list of targets, by the position of these.
    """

    def __init__(self, text: str) -> None:
        self.nodes: dict[Position, list[ast.AST]] = {}
        self.ends: dict[tuple[type, int | None, int | None], ast.AST] = {}
        self.rebound_globals: set[str] = set()
        self.rebound_cells: set[str] = set()
        self.walrus: set[str] = set()
        self.called: set[tuple[int | None, int | None]] = set()
        self.unpacked: dict[Position, ast.expr] = {}
        self.withs: list[ast.With] = []
        for node in ast.walk(ast.parse(text)):
            self._add(node)

    def _add(self, node: ast.AST) -> None:
        if isinstance(node, ast.Global):
            self.rebound_globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            self.rebound_cells.update(node.names)
        elif isinstance(node, ast.NamedExpr):
            self.walrus.add(node.target.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._count_bindings(node)
        elif isinstance(node, ast.With):
            self.withs.append(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, (ast.Tuple, ast.List)):
                    place = (target.lineno, target.end_lineno, target.col_offset, target.end_col_offset)
                    self.unpacked[place] = node.value
        line = getattr(node, "lineno", None)
        if line is None:
            return
        assert isinstance(node, (ast.expr, ast.stmt, ast.excepthandler, ast.arg, ast.keyword)) or True
        position = (line, node.end_lineno, node.col_offset, node.end_col_offset)  # type: ignore[attr-defined] # those with lineno have all
        self.nodes.setdefault(position, []).append(node)
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            self.ends[type(node), node.end_lineno, node.end_col_offset] = node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            self.called.add((node.func.end_lineno, node.func.end_col_offset))

    def _count_bindings(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Note names that a function binds more than once, or once inside a loop."""
        counts: Counter[str] = Counter(arg.arg for arg in [*function.args.args, *function.args.kwonlyargs])
        stack: list[tuple[ast.AST, bool]] = [(node, False) for node in function.body]
        while stack:
            node, looped = stack.pop()
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
                counts[node.id] += 2 if looped else 1
            elif isinstance(node, _SCOPES):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    counts[node.name] += 1
                continue
            inside = looped or isinstance(node, (ast.For, ast.While, ast.AsyncFor))
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                counts[node.target.id] += 1
            stack += [(child, inside) for child in ast.iter_child_nodes(node)]
        self.rebound_cells.update(name for name, count in counts.items() if count > 1)

    def find(self, position: Position, *kinds: type[ast.AST]) -> ast.AST | None:
        """Return the node of one of these kinds at a position, or None."""
        here = self.nodes.get(position, ())
        for node in here:
            if isinstance(node, kinds):
                return node
        if any(isinstance(node, ast.stmt) for node in here):
            return None  # Python 3.11 gives the exit of a `with` the place of the whole statement
        for kind in kinds:  # a method call over several lines starts where its name stands
            node_at = self.ends.get((kind, position[1], position[3]))
            if node_at is not None:
                return node_at
        return None


def index_file(filename: str) -> SourceIndex | None:
    """Read and index a file; None where there is no source or it does not parse."""
    lines = linecache.getlines(filename)
    known = _INDEXES.get(filename)
    if known is None or known[0] is not lines:  # it was edited meanwhile, and is told anew
        known = _INDEXES[filename] = lines, _index("".join(lines))
    return known[1]


_INDEXES: Final[dict[str, tuple[list[str], SourceIndex | None]]] = {}
"""For each file its lines and what they contain: every code object of a file asks for the same."""


def _index(text: str) -> SourceIndex | None:
    if not text.strip():
        return None
    try:
        return SourceIndex(text)
    except (SyntaxError, ValueError):
        return None
