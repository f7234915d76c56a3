"""Where a code object touches state that tasks may share: one `Site` per such instruction."""

from __future__ import annotations

import ast
import dis
import inspect
from collections import Counter
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._machine import cells
from pytest_concurrency._sight import calls, effects
from pytest_concurrency._sight.instructions import (
    CALLS,
    advance_argument,
    all_of,
    computes,
    each_has,
    enters,
    imports,
    leave_generator,
    leaves_with,
    may_be_shared,
    may_repeat,
    nothing,
    operands_of,
    place_of,
    reads,
    spread_of,
    tells,
    unknown,
    unpacks,
)
from pytest_concurrency._sight.resolve import UNKNOWN, Resolver, mangle, resolver
from pytest_concurrency._sight.returned import tests_call
from pytest_concurrency._sight.site import CELLS, OPAQUE, Look, Looker, Site, Touched
from pytest_concurrency._sight.slots import slot_of
from pytest_concurrency._sight.source_index import SourceIndex, index_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType


def sites_of(code: CodeType) -> dict[int, Site]:
    """Return the sites of a code object by instruction offset."""
    index = index_file(code.co_filename)
    finder = _Finder(code, index)
    return dict(finder.sites())


_ATTRIBUTES: Final = {"STORE_ATTR": WRITE, "DELETE_ATTR": WRITE, "LOAD_ATTR": READ, "LOAD_METHOD": READ}
_ITEMS: Final = {
    "BINARY_SUBSCR": READ,
    "BINARY_SLICE": READ,
    "STORE_SUBSCR": WRITE,
    "DELETE_SUBSCR": WRITE,
    "STORE_SLICE": WRITE,
}
_METHODS: Final = {"DELETE_SUBSCR": "__delitem__"}
_GLOBALS: Final = {
    "LOAD_GLOBAL": READ,
    "LOAD_NAME": READ,
    "STORE_GLOBAL": WRITE,
    "DELETE_GLOBAL": WRITE,
}
_CELLS: Final = {"LOAD_DEREF": READ, "STORE_DEREF": WRITE, "DELETE_DEREF": WRITE, "LOAD_FROM_DICT_OR_DEREF": READ}
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TESTS: Final = ("POP_JUMP", "JUMP_IF", "TO_BOOL", "UNARY_NOT")
_UNPACKS: Final = frozenset({"UNPACK_SEQUENCE", "UNPACK_EX"})
_SPREADS: Final = frozenset({"LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"})
_LEAVES: Final = frozenset({"YIELD_VALUE", "RETURN_VALUE", "RETURN_CONST"})
_FORMATS: Final = frozenset({"FORMAT_VALUE", "FORMAT_SIMPLE", "FORMAT_WITH_SPEC", "CONVERT_VALUE"})


class _Finder:
    """Walks the instructions of one code object."""

    def __init__(self, code: CodeType, index: SourceIndex | None) -> None:
        self.code = code
        self.index = index
        parts = code.co_qualname.split(".")
        self.owner = next(
            (part for part, after in zip(reversed(parts[:-1]), reversed(parts), strict=False)
             if part != "<locals>" and after != "<locals>"), "",
        )  # fmt: skip
        self.loops_seen: Counter[Any] = Counter()
        self.at_argument = code.co_varnames[:1] == (".0",)  # a comprehension's first loop walks over its argument

    def sites(self) -> Iterator[tuple[int, Site]]:
        before: dis.Instruction | None = None
        for instruction in dis.get_instructions(self.code):
            site = None if leaves_with(instruction, before) else self._site(instruction)
            before = instruction
            if site is not None:
                yield instruction.offset, site

    def _site(self, instruction: dis.Instruction) -> Site | None:
        name = instruction.opname
        if name in _ATTRIBUTES:
            return self._attribute(instruction)
        if name in _ITEMS or (name == "BINARY_OP" and instruction.argrepr == "[]"):
            return self._item(instruction)
        if name in _GLOBALS:
            return self._global(instruction)
        if name in _CELLS:
            return self._cell(instruction)
        if name in CALLS:
            return self._unpacking(instruction, self._call(instruction))
        return self._other(instruction)

    def _other(self, instruction: dis.Instruction) -> Site | None:
        name = instruction.opname
        if name == "FOR_ITER":
            return self._iteration(instruction)
        if name == "GET_ITER":
            return self._iteration(instruction, "iterate", effects.started)
        if name in _LEAVES and self.code.co_flags & inspect.CO_GENERATOR:
            return self._make(instruction, "yield", WRITE, leave_generator)
        if name == "CONTAINS_OP":
            return self._contains(instruction)
        if name == "COMPARE_OP":
            return self._operands(instruction, "compare", READ)
        if name == "BINARY_OP":
            in_place = instruction.argrepr.endswith("=")
            return self._operands(instruction, f"compute {instruction.argrepr}", WRITE if in_place else READ)
        if name in _UNPACKS:
            assigned = None if self.index is None else self.index.unpacked.get(place_of(instruction))
            if self._resolve(assigned) is None:
                return None
            return self._reads_of(instruction, "unpack", assigned, effects.read)
        if name in _SPREADS:
            return self._spread(instruction)
        if name in _FORMATS:
            return self._reading(instruction, "format", effects.told)
        if name == "BEFORE_WITH" or (name == "LOAD_SPECIAL" and instruction.argrepr == "__enter__"):
            return self._entering(instruction)
        if name == "IMPORT_NAME":
            return self._make(instruction, "import", WRITE, imports(str(instruction.argval)))
        if (name.startswith("UNARY_") and name != "UNARY_NOT") or instruction.argrepr == "INTRINSIC_UNARY_POSITIVE":
            return self._reading(instruction, "compute", effects.signed)
        if name.startswith("MATCH_"):
            return self._unknown(instruction, "compare", READ)
        if name.startswith(_TESTS) and "NONE" not in name:
            return self._reading(instruction, "test")
        return None

    # -- kinds of sites

    def _make(
        self, instruction: dis.Instruction, what: str, mode: int, look: Look, *, item: Any = None, slot: Any = None
    ) -> Site:
        positions = instruction.positions
        line = positions.lineno if positions is not None and positions.lineno else 0
        line = line or self.code.co_firstlineno
        return Site(self.code, line, what, mode, look, item=self._resolve(item), slot=slot)

    def _unknown(self, instruction: dis.Instruction, what: str, mode: int) -> Site:
        return self._make(instruction, what, mode, lambda _task, _frame: None)

    def _node(self, instruction: dis.Instruction, *kinds: type[ast.AST]) -> Any:
        positions = instruction.positions
        if self.index is None or positions is None:
            return None
        start, end = positions.lineno, positions.end_lineno
        return self.index.find((start, end, positions.col_offset, positions.end_col_offset), *kinds)

    def _resolve(self, node: ast.AST | None) -> Resolver | None:
        return resolver(node, self.owner)

    def _with_base(self, instruction: dis.Instruction, kind: type[ast.Attribute | ast.Subscript]) -> tuple[Any, Any]:
        """Return the node of an attribute or item, also where it is assigned to in place, and what finds its object."""
        node = self._node(instruction, kind, ast.AugAssign)
        if isinstance(node, ast.AugAssign):
            node = node.target
        return node, self._resolve(node.value) if isinstance(node, kind) else None

    def _attribute(self, instruction: dis.Instruction) -> Site:
        name, mode = str(instruction.argval), _ATTRIBUTES[instruction.opname]
        what = f"{'write' if mode else 'read'} {name}"
        node, base = self._with_base(instruction, ast.Attribute)
        if base is None:
            return self._unknown(instruction, what, mode)
        is_method = (
            mode == READ and self.index is not None and (node.end_lineno, node.end_col_offset) in self.index.called
        )
        position = (node.end_lineno, node.end_col_offset)

        def look(task: Looker, frame: FrameType) -> Touched:
            thing = base(frame.f_locals, frame.f_globals)
            if mode == WRITE and issubclass(type(thing), ModuleType):
                task.note_opaque()  # its own code may read that as a global, which does not show
            if is_method:
                task.saved[id(frame), position] = thing
            return effects.attribute(thing, name, mode)

        return self._make(instruction, what, mode, look)

    def _item(self, instruction: dis.Instruction) -> Site:
        mode = _ITEMS.get(instruction.opname, READ)
        what = "write item" if mode else "read item"
        node, base = self._with_base(instruction, ast.Subscript)
        if base is None:
            return self._unknown(instruction, what, mode)

        method = _METHODS.get(instruction.opname, "__setitem__" if mode else "__getitem__")

        def look(_task: Looker, frame: FrameType) -> Touched:
            return effects.item(base(frame.f_locals, frame.f_globals), mode, method)

        slot = slot_of(self.code, instruction.opname, node.slice, self.index.walrus if self.index else set())
        return self._make(instruction, what, mode, look, item=node.slice, slot=slot)

    def _global(self, instruction: dis.Instruction) -> Site | None:
        name, mode = str(instruction.argval), _GLOBALS[instruction.opname]
        if self.index is not None and name not in self.index.rebound_globals:
            return None
        if self.index is None and mode == READ:
            return None
        what = f"{'write' if mode else 'read'} {name}"

        def look(_task: Looker, frame: FrameType) -> Touched:
            return ((frame.f_globals, name, mode),)

        return self._make(instruction, what, mode, look)

    def _cell(self, instruction: dis.Instruction) -> Site | None:
        name, mode = str(instruction.argval), _CELLS[instruction.opname]
        if self.index is not None and name not in self.index.rebound_cells:
            return None
        what = f"{'write' if mode else 'read'} {name}"
        part, number, find = f"{name} of {self.code.co_filename}", instruction.arg or 0, cells.finder()

        def look(_task: Looker, frame: FrameType) -> Touched:
            cell = None if find is None else find(frame, number)
            return ((CELLS if cell is None else cell, part, mode),)

        return self._make(instruction, what, mode, look)

    def _iteration(
        self, instruction: dis.Instruction, what: str = "next", effect: Callable[[Any], Touched] = effects.iterated
    ) -> Site | None:
        node = self._node(instruction, ast.For)
        iterated = node.iter if isinstance(node, ast.For) else self._node(instruction, ast.expr)
        if what == "next" and self.at_argument:
            self.at_argument = False
            self._next_part(instruction, iterated, what)
            return self._make(instruction, what, READ, advance_argument)
        if isinstance(iterated, _COMPREHENSIONS):
            iterated = self._next_part(instruction, iterated, what)
        return self._reads_of(instruction, what, iterated, effect)

    def _next_part(self, instruction: dis.Instruction, node: ast.AST | None, what: str) -> ast.AST | None:
        """Return what a loop of a comprehension walks over: until Python 3.13 all its loops have one position."""
        if not isinstance(node, _COMPREHENSIONS):
            return node
        outside = what == "iterate" and self.code.co_varnames[:1] == (".0",)  # the first one began in the frame around
        number = self.loops_seen[what, place_of(instruction)]
        self.loops_seen[what, place_of(instruction)] += 1
        return node.generators[(number + outside) % len(node.generators)].iter

    def _spread(self, instruction: dis.Instruction) -> Site | None:
        """What `[*a, *b]`, `{**a}` and `f(*a, **b)` read, where it is plain."""
        spread = spread_of(self._node(instruction, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call))
        bases = [base for each in spread if (base := self._resolve(each)) is not None]
        return self._make(instruction, "unpack", READ, reads(bases)) if bases else None

    def _contains(self, instruction: dis.Instruction) -> Site | None:
        node = self._node(instruction, ast.Compare)
        right = node.comparators[-1] if isinstance(node, ast.Compare) else None
        left = node.left if isinstance(node, ast.Compare) else None
        if right is not None and may_be_shared(right) and self._resolve(right) is None:
            return self._unknown(instruction, "look in", READ)
        site, asked = self._reads_of(instruction, "look in", right, effects.looked_in, item=left), self._resolve(left)
        if asked is None or isinstance(left, ast.Constant):
            return site
        inner = site.look if site is not None else nothing

        def look(task: Looker, frame: FrameType) -> Touched:
            unseen = effects.compares_unseen(asked(frame.f_locals, frame.f_globals))
            return OPAQUE if unseen else inner(task, frame)

        return self._make(instruction, "look in", READ, look, item=left)

    def _reading(
        self, instruction: dis.Instruction, what: str, effect: Callable[[Any], Touched] = effects.read
    ) -> Site | None:
        node = self._node(instruction, ast.Name, ast.Attribute, ast.Subscript, ast.FormattedValue, ast.UnaryOp,
                          ast.Starred, ast.Assign, ast.If, ast.While, ast.IfExp, ast.BoolOp, ast.Call)  # fmt: skip
        if isinstance(node, (ast.If, ast.While, ast.IfExp)):
            node = node.test  # Python 3.11 gives the jump of `if not x` the place of the whole statement
        if isinstance(node, ast.UnaryOp):
            node = node.operand
        if isinstance(node, (ast.FormattedValue, ast.Starred, ast.Assign)):
            node = node.value
        if isinstance(node, ast.BoolOp):  # the jump of `a or b`, which has the place of all of it
            tested = [base for each in node.values[:-1] if (base := self._resolve(each)) is not None]
            called = [each for each in node.values[:-1] if isinstance(each, ast.Call)]
            asked = [look for each in called if (look := tests_call(each, self.owner)) is not None]
            return self._make(instruction, what, READ, all_of([reads(tested), *asked])) if tested or asked else None
        if isinstance(node, ast.Call) and (asks := tests_call(node, self.owner)) is not None:
            return self._make(instruction, what, READ, asks)
        plain = self._resolve(node) is not None  # else a fresh value, or one that the access before it has shown
        return self._reads_of(instruction, what, node, effect) if plain else None

    def _operands(self, instruction: dis.Instruction, what: str, mode: int) -> Site | None:
        left, right = operands_of(self._node(instruction, ast.BinOp, ast.Compare, ast.AugAssign))
        if isinstance(left, ast.Constant) and what == "compute %":
            told = [self._resolve(each) for each in (right.elts if isinstance(right, ast.Tuple) else [right])]
            return self._make(instruction, what, READ, tells([each for each in told if each is not None]))
        if isinstance(left, ast.Constant) or (isinstance(right, ast.Constant) and not may_repeat(what, right)):
            return None
        first, second = self._resolve(left), self._resolve(right)
        if first is None and second is None:
            return None
        return self._make(instruction, what, mode, computes(first, second, mode))

    def _reads_of(
        self,
        instruction: dis.Instruction,
        what: str,
        node: ast.AST | None,
        effect: Callable[[Any], Touched],
        *,
        item: ast.AST | None = None,
    ) -> Site | None:
        parts = list(effects.read_parts(node))
        bases = [self._resolve(part) for part in parts]
        if None in bases:
            return self._unknown(instruction, what, READ)
        if not bases:
            return None

        return self._make(instruction, what, READ, each_has([base for base in bases if base], effect), item=item)

    def _call(self, instruction: dis.Instruction) -> Site | None:
        node = self._node(instruction, ast.Call)
        if not isinstance(node, ast.Call):
            return None if self.index is not None else self._unknown(instruction, "call", WRITE)
        known = [
            given
            for each in [*node.args, *(keyword.value for keyword in node.keywords)]
            for part in ([each] if isinstance(each, ast.Constant) or may_be_shared(each) else effects.read_parts(each))
            if (given := self._resolve(part) or (unknown if may_be_shared(part) else None)) is not None
        ]
        if isinstance(node.func, ast.Attribute):
            return self._method_call(instruction, node.func, known, node.args)
        callee = self._resolve(node.func)
        what = f"call {ast.unparse(node.func)}" if len(ast.unparse(node.func)) < 40 else "call"
        if callee is None:
            return self._unknown(instruction, what, WRITE)

        def look(_task: Looker, frame: FrameType) -> Touched:
            space, outer = frame.f_locals, frame.f_globals
            return calls.call(callee(space, outer), [each(space, outer) for each in known])

        return self._make(instruction, what, WRITE, look)

    def _unpacking(self, instruction: dis.Instruction, site: Site | None) -> Site | None:
        """Add to a call what it unpacks itself: the only list of `f(*items)`."""
        spread = spread_of(self._node(instruction, ast.Call)) if instruction.opname == "CALL_FUNCTION_EX" else []
        if not spread:
            return site
        what, call = ("unpack", nothing) if site is None else (site.what, site.look)
        return self._make(instruction, what, WRITE, unpacks(call, [self._resolve(each) for each in spread]))

    def _entering(self, instruction: dis.Instruction) -> Site | None:
        """What `with manager:` does where the manager's own code does not show."""
        node = self._node(instruction, ast.With) or self._node(instruction, ast.expr)
        if isinstance(node, ast.With):  # until Python 3.12 every item of one has the place of the statement
            self.loops_seen["with", place_of(instruction)] += 1
            node = node.items[(self.loops_seen["with", place_of(instruction)] - 1) % len(node.items)].context_expr
        base = self._resolve(node.func if (made := isinstance(node, ast.Call)) else node)
        return None if base is None else self._make(instruction, "enter", WRITE, enters(base, made=made))

    def _method_call(
        self, instruction: dis.Instruction, func: ast.Attribute, known: list[Resolver], arguments: list[ast.expr]
    ) -> Site | None:
        name = mangle(func.attr, self.owner)
        position = (func.end_lineno, func.end_col_offset)
        if self._resolve(func.value) is None:
            if isinstance(func.value, (ast.JoinedStr, ast.Constant)):
                return None
            return self._unknown(instruction, f"call {name}", WRITE)

        def look(task: Looker, frame: FrameType) -> Touched:
            space, outer = frame.f_locals, frame.f_globals
            thing = task.saved.pop((id(frame), position), UNKNOWN)
            return calls.method_call(thing, name, [each(space, outer) for each in known])

        key = arguments[0] if name in effects.BY_KEY and arguments else None
        return self._make(instruction, f"call {name}", WRITE, look, item=key)
