"""Where a code object touches state that tasks may share: one `Site` per such instruction."""

from __future__ import annotations

import ast
import dis
import inspect
from collections import Counter
from types import CellType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._machine import frame_memory
from pytest_concurrency._sight import calls, effects, nested, patterns, within
from pytest_concurrency._sight.instructions import (
    ATTRIBUTES,
    CALLS,
    GLOBALS,
    ITEMS,
    METHODS,
    VARIABLES,
    advance_argument,
    all_of,
    each_has,
    enters,
    gives_back,
    imports,
    in_short,
    leaves_generator,
    leaves_with,
    looks_in,
    may_be_shared,
    nothing,
    operands_of,
    operates,
    place_of,
    reads,
    spread_of,
    takes,
    unknown,
    unpacks,
)
from pytest_concurrency._sight.operands import LOOP, Operands, decorates, given_to, hides, touching, values
from pytest_concurrency._sight.resolve import UNKNOWN, Resolver, mangle, read_parts, resolver
from pytest_concurrency._sight.returned import ASKED, asked_of, asks_by_name
from pytest_concurrency._sight.site import CELLS, Look, Looker, Site, Touched
from pytest_concurrency._sight.slots import SLOTS, slot_of
from pytest_concurrency._sight.source_index import SourceIndex, index_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._sight.instructions import Operand


def sites_of(code: CodeType) -> dict[int, Site]:
    """Return the sites of a code object by instruction offset."""
    index = index_file(code.co_filename)
    finder = _Finder(code, index)
    return dict(finder.sites())


_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Where TO_BOOL asks, what follows it is told True or False.
_TESTS: Final = ("TO_BOOL",) if "TO_BOOL" in dis.opmap else ("POP_JUMP", "JUMP_IF", "UNARY_NOT")
_UNPACKS: Final = frozenset({"UNPACK_SEQUENCE", "UNPACK_EX"})
_SPREADS: Final = frozenset({"LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"})
_ANSWERS: Final = frozenset({"COMPARE_OP", "IS_OP", "CONTAINS_OP", "UNARY_NOT", "CHECK_EXC_MATCH"})
"""These give True or False, of which nothing is to be told."""
_SHOWS: Final = ("CONTAINS_OP", "BINARY_OP")
_OF_ITEMS: Final = {READ: "read item", WRITE: "write item"}
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
        self.operands = Operands(code, self.owner)
        self.at_argument = code.co_varnames[:1] == (".0",)  # a comprehension's first loop walks over its argument

    def sites(self) -> Iterator[tuple[int, Site]]:
        before: dis.Instruction | None = None
        for instruction in dis.get_instructions(self.code):
            site = None if leaves_with(instruction, before) else self._site(instruction, before)
            before = instruction
            if site is not None:
                yield instruction.offset, site

    def _site(self, instruction: dis.Instruction, before: dis.Instruction | None) -> Site | None:
        name = instruction.opname
        if name in ATTRIBUTES:
            return self._attribute(instruction)
        if name in ITEMS or (name == "BINARY_OP" and instruction.argrepr == "[]"):
            return self._item(instruction)
        if name in GLOBALS:
            return self._global(instruction)
        if name in VARIABLES:
            return self._cell(instruction)
        if name in CALLS:
            return self._unpacking(instruction, self._call(instruction))
        return self._other(instruction, before)

    def _other(self, instruction: dis.Instruction, before: dis.Instruction | None) -> Site | None:
        name = instruction.opname
        if name in _SHOWS and self._node(instruction, ast.Assert) is not None:
            return None  # pytest's, to show what an `assert` has compared: it has its place, and no state
        if name == "STORE_NAME" and patterns.is_special(str(instruction.argval)):
            return self._make(instruction, "define", WRITE, patterns.defines(self.operands.at(instruction)))
        if name == "FOR_ITER":
            return self._iteration(instruction)
        if name == "GET_ITER":
            return self._iteration(instruction, "iterate", effects.started)
        if name == "SEND" and self.code.co_flags & inspect.CO_GENERATOR:
            return self._make(
                instruction, "next", WRITE, touching(self.operands.at(instruction, 1 + LOOP), nested.walked)
            )
        if self.code.co_flags & inspect.CO_GENERATOR and gives_back(instruction, before):
            return self._make(instruction, "yield", WRITE, leaves_generator(name, self.operands.at(instruction)))
        if name == "CONTAINS_OP":
            return self._contains(instruction)
        if name == "COMPARE_OP":
            return self._operands(instruction, "compare", READ)
        if name == "BINARY_OP":
            in_place = instruction.argrepr.endswith("=")
            return self._operands(instruction, f"compute {instruction.argrepr}", WRITE if in_place else READ)
        if name in _UNPACKS:
            assigned = None if self.index is None else self.index.unpacked.get(place_of(instruction))
            return self._reads_of(instruction, "unpack", assigned, nested.walked)
        if name in _SPREADS or name in _FORMATS:
            return self._spread(instruction) if name in _SPREADS else self._reading(instruction, "format", within.told)
        if name == "BEFORE_WITH" or (name == "LOAD_SPECIAL" and instruction.argrepr == "__enter__"):
            return self._entering(instruction)
        if name == "IMPORT_NAME":
            return self._make(instruction, "import", WRITE, imports(str(instruction.argval)))
        if (name.startswith("UNARY_") and name != "UNARY_NOT") or instruction.argrepr == "INTRINSIC_UNARY_POSITIVE":
            return self._reading(instruction, "compute", within.signed)
        if name in patterns.FOUND:
            return self._found(instruction)
        if name.startswith(_TESTS) and "NONE" not in name:
            is_answer = before is not None and before.opname in _ANSWERS and not instruction.is_jump_target
            return None if is_answer else self._reading(instruction, "test", within.tested)
        return None

    # -- kinds of sites

    def _make(
        self, instruction: dis.Instruction, what: str, mode: int, look: Look, *, item: Any = None, **more: Any
    ) -> Site:
        positions = instruction.positions
        line = positions.lineno if positions is not None and positions.lineno else 0
        line = line or self.code.co_firstlineno
        hands_out = what.rpartition(" ")[2].rpartition(".")[2] in effects.HANDS_OUT
        return Site(self.code, line, what, mode, look, item=self._resolve(item), hands_out=hands_out, **more)

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

    def _with_base(
        self, instruction: dis.Instruction, kind: type[ast.Attribute | ast.Subscript], below: int
    ) -> tuple[Any, Operand | None]:
        """Return the node of an attribute or item, also where it is assigned to in place, and what finds its object."""
        node = self._node(instruction, kind, ast.AugAssign)
        if isinstance(node, ast.AugAssign):
            node = node.target
        value = node.value if isinstance(node, kind) else None
        is_found = self.operands.are_seen or self._resolve(value) is not None
        return node if value is not None else None, self.operands.at(instruction, below, value) if is_found else None

    def _attribute(self, instruction: dis.Instruction) -> Site:
        name, mode = str(instruction.argval), ATTRIBUTES[instruction.opname]
        what = f"{'write' if mode else 'read'} {name}"
        node, base = self._with_base(instruction, ast.Attribute, 0)
        if base is None:
            return self._unknown(instruction, what, mode)
        position = None if node is None else (node.end_lineno, node.end_col_offset)
        is_method = mode == READ and self.index is not None and position in self.index.called

        def look(task: Looker, frame: FrameType) -> Touched:
            thing = base(frame)
            if mode == WRITE and issubclass(type(thing), ModuleType):
                task.note_opaque(frame)  # its own code may read that as a global, which does not show
            if is_method:
                task.saved[id(frame), position] = thing
            return effects.attribute(thing, name, mode)

        return self._make(instruction, what, mode, look)

    def _found(self, instruction: dis.Instruction) -> Site | None:
        """What `match`, `super()` and `{a, b}` find."""
        found = patterns.found(instruction, self.operands, self._node(instruction, ast.Attribute, ast.expr))
        return None if found is None else self._make(instruction, *found)

    def _item(self, instruction: dis.Instruction) -> Site:
        mode = ITEMS.get(instruction.opname, READ)
        node, base = self._with_base(instruction, ast.Subscript, 2 if "SLICE" in instruction.opname else 1)
        if base is None:
            return self._unknown(instruction, _OF_ITEMS[mode], mode)
        method = METHODS.get(instruction.opname, "__setitem__" if mode else "__getitem__")
        index = node.slice if node is not None else None
        look = takes(base, self.operands.at(instruction, 0, index), mode, method)
        if isinstance(index, ast.Slice) and mode == WRITE and "STORE" in instruction.opname:
            below = 3 if instruction.opname == "STORE_SLICE" else 2  # what is to stand there lies below where
            look = all_of([touching(self.operands.at(instruction, below), nested.walked), look])
        slot = slot_of(self.code, instruction.opname, index, self.index.walrus if self.index else set())
        if self.operands.are_seen and instruction.opname in SLOTS:
            slot = self.operands.at(instruction)
        of = "" if node is None else in_short(node.value)
        return self._make(instruction, _OF_ITEMS[mode], mode, look, item=index, slot=slot, of=of)

    def _global(self, instruction: dis.Instruction) -> Site | None:
        name, mode = str(instruction.argval), GLOBALS[instruction.opname]
        if self.index is not None and name not in self.index.rebound_globals:
            return None
        if self.index is None and mode == READ:
            return None
        what = f"{'write' if mode else 'read'} {name}"

        def look(_task: Looker, frame: FrameType) -> Touched:
            return ((frame.f_globals, name, mode),)

        return self._make(instruction, what, mode, look)

    def _cell(self, instruction: dis.Instruction) -> Site | None:
        name, mode = str(instruction.argval), VARIABLES[instruction.opname]
        if self.index is not None and name not in self.index.rebound_cells:
            return None
        what = f"{'write' if mode else 'read'} {name}"
        part, number = f"{name} of {self.code.co_filename}", instruction.arg or 0
        find = frame_memory.reader(number, None) if frame_memory.is_known() else None

        def look(_task: Looker, frame: FrameType) -> Touched:
            cell = None if find is None else find(frame)
            return ((cell if type(cell) is CellType else CELLS, part, mode),)

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
        if what == "next" and self.operands.are_seen:
            effect = nested.walked
        return self._reads_of(instruction, what, iterated, effect, LOOP if what == "next" else 0)

    def _next_part(self, instruction: dis.Instruction, node: ast.AST | None, what: str) -> ast.AST | None:
        """Return what a loop of a comprehension walks over: until Python 3.13 all its loops have one position."""
        if not isinstance(node, _COMPREHENSIONS):
            return node
        outside = what == "iterate" and self.code.co_varnames[:1] == (".0",)  # the first one began in the frame around
        number = self.loops_seen[what, place_of(instruction)]
        self.loops_seen[what, place_of(instruction)] += 1
        return node.generators[(number + outside) % len(node.generators)].iter

    def _spread(self, instruction: dis.Instruction) -> Site | None:
        """What `[*a, *b]`, `{**a}` and `f(*a, **b)` read."""
        node = self._node(instruction, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call)
        spread = spread_of(node)
        if node is not None and not spread:
            return None  # `[1, 2, 3]`, which is made of a constant
        bases = [self._resolve(each) or unknown for each in spread]
        seen = touching(self.operands.at(instruction), nested.walked)
        if instruction.opname in patterns.HASHES:
            seen = all_of([seen, patterns.hashes(instruction, self.operands)])
        return self._make(instruction, "unpack", READ, seen if self.operands.are_seen else reads(bases))

    def _contains(self, instruction: dis.Instruction) -> Site | None:
        node = self._node(instruction, ast.Compare)
        plain = isinstance(node, ast.Compare) and len(node.comparators) == 1
        left, right = (node.left, node.comparators[0]) if plain else (None, None)
        if isinstance(right, ast.Constant) and type(right.value) is not bytes:
            return None
        look = looks_in(self.operands.at(instruction, 1, left), self.operands.at(instruction, 0, right))
        return self._make(instruction, "look in", READ, look, item=left)

    def _reading(
        self, instruction: dis.Instruction, what: str, effect: Callable[[Any], Touched] = effects.read
    ) -> Site | None:
        if self.operands.are_seen:
            below = 1 if instruction.opname == "FORMAT_WITH_SPEC" or "format" in instruction.argrepr else 0
            return self._make(instruction, what, READ, touching(self.operands.at(instruction, below), effect))
        node = asked_of(self._node(instruction, *ASKED))
        if (asks := asks_by_name(node, self.owner)) is not None:
            return self._make(instruction, what, READ, asks)
        plain = self._resolve(node) is not None or (node is not None and may_be_shared(node))  # else it is fresh
        return self._reads_of(instruction, what, node, effect) if plain else None

    def _operands(self, instruction: dis.Instruction, what: str, mode: int) -> Site | None:
        left, right = operands_of(self._node(instruction, ast.BinOp, ast.Compare, ast.AugAssign))
        if isinstance(left, ast.Constant) and what == "compute %":
            return self._make(instruction, what, READ, touching(self.operands.at(instruction, 0, right), within.told))
        first, second = self.operands.at(instruction, 1, left), self.operands.at(instruction, 0, right)
        look = operates(what, mode, (left, right), (first, second), self.code)
        return None if look is None else self._make(instruction, what, mode, look)

    def _reads_of(
        self,
        instruction: dis.Instruction,
        what: str,
        node: ast.AST | None,
        effect: Callable[[Any], Touched],
        below: int = 0,
    ) -> Site | None:
        parts = list(read_parts(node))
        if not parts and not hides(node, self.owner):
            return None
        bases = [self._resolve(part) for part in parts]
        if self.operands.are_seen:
            look = touching(self.operands.at(instruction, below), effect)
        elif None in bases or hides(node, self.owner):
            return self._unknown(instruction, what, READ)
        else:
            look = each_has([base for base in bases if base], effect)
        return self._make(instruction, what, READ, look)

    def _call(self, instruction: dis.Instruction) -> Site | None:
        node = self._node(instruction, ast.Call)
        is_call = isinstance(node, ast.Call)
        if not is_call and self.index is None:
            return self._unknown(instruction, "call", WRITE)
        if not is_call or (instruction.opname != "CALL_FUNCTION_EX" and instruction.arg != given_to(node)):
            decorated = decorates(self.operands, instruction)  # or `f(x for x in xs)`: this one makes the generator
            return None if decorated is None else self._make(instruction, "call", WRITE, decorated)
        known = self.operands.arguments(instruction, node)
        if isinstance(node.func, ast.Attribute):
            return self._method_call(instruction, node.func, known, node.args)
        callee = self._resolve(node.func)
        what = f"call {in_short(node.func)}".rstrip()
        if callee is None:
            return self._unknown(instruction, what, WRITE)

        def look(_task: Looker, frame: FrameType) -> Touched:
            return calls.call(callee(frame.f_locals, frame.f_globals), values(known, frame))

        return self._make(instruction, what, WRITE, look)

    def _unpacking(self, instruction: dis.Instruction, site: Site | None) -> Site | None:
        """Add to a call what it unpacks itself: the only list of `f(*items)`."""
        spread = spread_of(self._node(instruction, ast.Call)) if instruction.opname == "CALL_FUNCTION_EX" else []
        if not spread:
            return site
        what, call = ("unpack", nothing) if site is None else (site.what, site.look)
        items = self.operands.spread(instruction)
        unpacked = touching(items, nested.walked) if items else unpacks([self._resolve(each) for each in spread])
        return self._make(instruction, what, WRITE, all_of([call, unpacked]))

    def _entering(self, instruction: dis.Instruction) -> Site | None:
        """What `with manager:` does where the manager's own code does not show."""
        node = self._node(instruction, ast.With) or self._node(instruction, ast.expr)
        if isinstance(node, ast.With):  # until Python 3.12 every item of one has the place of the statement
            self.loops_seen["with", place_of(instruction)] += 1
            node = node.items[(self.loops_seen["with", place_of(instruction)] - 1) % len(node.items)].context_expr
        base = self._resolve(node.func if (made := isinstance(node, ast.Call)) else node)
        return None if base is None else self._make(instruction, "enter", WRITE, enters(base, made=made))

    def _method_call(
        self, instruction: dis.Instruction, func: ast.Attribute, known: list[Operand], arguments: list[ast.expr]
    ) -> Site | None:
        name = mangle(func.attr, self.owner)
        position = (func.end_lineno, func.end_col_offset)
        is_text = isinstance(func.value, ast.JoinedStr)
        if not self.operands.are_seen and self._resolve(func.value) is None and not is_text:
            return self._unknown(instruction, f"call {name}", WRITE)

        def look(task: Looker, frame: FrameType) -> Touched:
            thing = task.saved.pop((id(frame), position), "" if is_text else UNKNOWN)
            return calls.method_call(thing, name, values(known, frame))

        key = arguments[0] if name in effects.BY_KEY and arguments else None
        return self._make(instruction, f"call {name}", WRITE, look, item=key)
