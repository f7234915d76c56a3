"""What can be said of single instructions, without the code object around them."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE
from pytest_concurrency._sight import calls, effects, libraries, nested, within
from pytest_concurrency._sight.resolve import ALIASES, UNKNOWN, VIEWS, aliased
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting

if TYPE_CHECKING:
    from pytest_concurrency._sight.resolve import Resolver
    from pytest_concurrency._sight.site import Look, Looker, Touched

Operand = Callable[[FrameType], Any]
"""Finds a value in the frame that is about to use it; `UNKNOWN` where it cannot be told."""

ATTRIBUTES: Final = {"STORE_ATTR": WRITE, "DELETE_ATTR": WRITE, "LOAD_ATTR": READ, "LOAD_METHOD": READ}
ITEMS: Final = {
    "BINARY_SUBSCR": READ,
    "BINARY_SLICE": READ,
    "STORE_SUBSCR": WRITE,
    "DELETE_SUBSCR": WRITE,
    "STORE_SLICE": WRITE,
}
METHODS: Final = {"DELETE_SUBSCR": "__delitem__"}
GLOBALS: Final = {
    "LOAD_GLOBAL": READ,
    "LOAD_NAME": READ,
    "STORE_GLOBAL": WRITE,
    "DELETE_GLOBAL": WRITE,
}
VARIABLES: Final = {"LOAD_DEREF": READ, "STORE_DEREF": WRITE, "DELETE_DEREF": WRITE, "LOAD_FROM_DICT_OR_DEREF": READ}
CALLS: Final = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})


def nothing(_task: Looker, _frame: FrameType) -> Touched:
    return ()


def may_show(what: str, right: ast.Constant, left: ast.expr | None, code: CodeType) -> bool:
    """Tell whether one with a constant may be on what others see: `items *= 2`, `table += 1`, `page == b"0"`."""
    if what.endswith("="):
        return not (isinstance(left, ast.Name) and left.id in _numbers_of(code))
    if what == "compare" or what.endswith("+"):
        return type(right.value) is bytes
    return what.endswith("%") or (what.endswith("*") and type(right.value) is int)


def is_own_number(node: Any, code: CodeType) -> bool:
    """Tell whether an expression is made of nothing but constants, lengths and counters of the frame's own."""
    match node:
        case ast.BinOp(left=left, right=right):
            return is_own_number(left, code) and is_own_number(right, code)
        case ast.Call(func=ast.Name(id=name)):
            return name in ("id", "int", "len", "ord")
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _numbers_of(code))


@functools.lru_cache(maxsize=64)
def _numbers_of(code: CodeType) -> frozenset[str]:
    """Return the local variables that are given nothing but constants, and constants added to what they have."""
    spread = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    of, others = set[str](), set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + spread])
    before: list[dis.Instruction] = []
    for instruction in dis.get_instructions(code):
        if "STORE_FAST" in instruction.opname or instruction.opname == "DELETE_FAST":
            names = instruction.argval if isinstance(instruction.argval, tuple) else (instruction.argval,)
            is_own = "STORE_FAST_STORE" not in instruction.opname and _is_own_number(before, names[0])
            (of if is_own else others).add(names[0])
            others.update(names[1:] if "STORE_FAST_STORE" in instruction.opname else ())
        before = [*before[-2:], instruction]
    return frozenset(of - others)


def _is_own_number(before: list[dis.Instruction], name: str) -> bool:
    """Tell whether what is on the stack is a constant, or one added to a variable."""
    made = [each for each in before if each.opname not in ("RESUME", "NOP", "CACHE")]
    if made and made[-1].opname == "BINARY_OP":
        loads, made = made[:-2], made[-2:-1]
        if not loads or not loads[-1].opname.startswith("LOAD_FAST") or loads[-1].argval != name:
            return False
    return bool(made) and made[-1].opname in ("LOAD_CONST", "LOAD_SMALL_INT") and type(made[-1].argval) in (int, float)


def in_short(node: ast.expr) -> str:
    """Return an expression as the source has it; "" where that is too long to be read at a glance."""
    text = ast.unparse(node)
    return text if len(text) < 40 else ""


def place_of(instruction: dis.Instruction) -> Any:
    positions = instruction.positions
    if positions is None:
        return None
    return positions.lineno, positions.end_lineno, positions.col_offset, positions.end_col_offset


def advance_argument(_task: Looker, frame: FrameType) -> Touched:
    """A comprehension in a frame of its own is given the iterator of its first loop."""
    return nested.walked(frame.f_locals.get(".0", UNKNOWN))


_GIVES_BACK: Final = frozenset({"YIELD_VALUE", "RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"})


def gives_back(instruction: dis.Instruction, before: dis.Instruction | None) -> bool:
    """Tell whether a generator may be left with an instruction, by an error too, but for what only passes one on."""
    passes_on = before is not None and before.opname == "CALL_INTRINSIC_1"  # StopIteration becomes a RuntimeError
    return instruction.opname in _GIVES_BACK and not passes_on


def leaves_generator(opname: str, value: Operand) -> Look:
    """Return what is touched where a generator gives the word back, perhaps with a value that code in C looks into.

    It can be asked again then; before, it is busy.
    """

    def look(task: Looker, frame: FrameType) -> Touched:
        generator = task.generator_of(frame)
        touched: Touched = () if generator is None else ((generator, effects.CONTENT, WRITE),)
        if opname != "YIELD_VALUE" or frame.f_code not in effects.compared:
            return touched
        found = within.compared(value(frame))  # and again with those that follow
        return within.together([touched, Lasting(found) if type(found) is tuple and found is not OPAQUE else found])

    return look


def imports(name: str) -> Look:
    """What an import touches: what a module does when it is loaded is unseen.

    Of a relative one the last part is enough: to take a loaded module for another costs a proof at most.
    """

    def look(_task: Looker, frame: FrameType) -> Touched:
        package = frame.f_globals.get("__package__") or ""
        is_loaded = name in sys.modules or f"{package}.{name}".rstrip(".") in sys.modules
        return ((sys.modules, effects.CONTENT, READ),) if is_loaded else OPAQUE

    return look


def unknown(_space: Any, _outer: dict[str, Any]) -> Any:
    """Resolve what cannot be resolved."""
    return UNKNOWN


FRESH: Final = frozenset(
    {"abs", "bool", "bytes", "dict", "enumerate", "float", "frozenset", "hash", "id", "int", "isinstance", "iter",
     "len", "list", "map", "max", "min", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple",
     "type", "zip"}
)  # fmt: skip
"""Calls of these give nothing that others could have, or what their arguments show."""


def may_be_shared(node: ast.AST) -> bool:
    """Tell whether an expression may give an object that others know, and which cannot be told beforehand."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name not in FRESH
        case ast.Call(func=ast.Attribute(value=ast.Constant() | ast.JoinedStr())):
            return False  # a text's method
        case ast.Call(func=ast.Attribute(attr="items" | "keys" | "values")):
            return False  # what it shows is asked for itself
        case ast.Call() | ast.IfExp() | ast.BoolOp() | ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
            return True
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            return may_be_shared(inner)
    return False


def operands_of(node: ast.AST | None) -> tuple[ast.expr, ast.expr] | tuple[None, None]:
    """Return the two sides of an operator."""
    match node:
        case ast.AugAssign(target=left, value=right) | ast.BinOp(left=left, right=right):
            return left, right
        case ast.Compare(left=left, comparators=[right]):
            return left, right
    return None, None


def computes(first: Operand, second: Operand, mode: int) -> Look:
    """What an operator touches of its sides."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        left, right = first(frame), second(frame)
        if type(left) in within.WHOLE and type(right) in within.WHOLE:
            return ()
        if left is UNKNOWN or right is UNKNOWN:
            return None
        if within.compares_unseen(left) or within.compares_unseen(right):
            return OPAQUE
        touched, more = effects.operand(left, mode) or (), nested.walked(right)
        if _has_keys(type(left)) or _has_keys(type(right)):
            more = within.together([more, nested.put_in([left, right])])
        lasts = mode == WRITE and touched and nested.may_run_python(right)  # `items += (f(x) for x in more)`
        return within.together([Lasting(touched) if lasts and type(touched) is tuple else touched, more])

    return look


def _has_keys(kind: type) -> bool:
    return issubclass(kind, (set, frozenset, dict)) or kind in VIEWS


def formats(first: Operand, second: Operand, mode: int) -> Look:
    """What `%` touches of its sides: a text asks what it is given for its words."""
    plain = computes(first, second, mode)

    def look(task: Looker, frame: FrameType) -> Touched:
        return within.told(second(frame)) if type(first(frame)) in (str, bytes) else plain(task, frame)

    return look


def compares(first: Operand, second: Operand, _mode: int) -> Look:
    """What a comparison touches of its sides."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        return within.together([within.compared(first(frame)), within.compared(second(frame))])

    return look


OPERATORS: Final[dict[str, Callable[[Operand, Operand, int], Look]]] = {
    "compare": compares,
    "compute %": formats,
    "compute %=": formats,
}


def operates(
    what: str, mode: int, sides: tuple[Any, Any], operands: tuple[Operand, Operand], code: CodeType
) -> Look | None:
    """Return what an operator touches of its sides, or None where others can have no part in it."""
    if not any(isinstance(side, ast.Constant) and not may_show(what, side, sides[0], code) for side in sides):
        return OPERATORS.get(what, computes)(*operands, mode)
    if all(is_own_number(side, code) for side in sides):
        return None
    other = operands[isinstance(sides[0], ast.Constant)]
    return lambda _task, frame: libraries.looked_at(other(frame))


def each_has(parts: list[Resolver], effect: Callable[[Any], Touched]) -> Look:
    """What an operation with this effect touches of all of these."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        space, outer = frame.f_locals, frame.f_globals
        return within.together([effect(base(space, outer)) for base in parts])

    return look


def reads(parts: list[Resolver]) -> Look:
    """What is touched by whoever looks at the content of these."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        space, outer = frame.f_locals, frame.f_globals
        return tuple(touched for base in parts for touched in effects.read(base(space, outer)) or ())

    return look


def looks_in(asked: Operand, thing: Operand) -> Look:
    """What `asked in thing` touches."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        where = thing(frame)
        found = within.looked_in(where, asked(frame))
        return within.together([found, nested.walked(where, inside=True)]) if type(where) in effects.ONE_SHOT else found

    return look


def takes(base: Operand, key: Operand, mode: int, method: str) -> Look:
    """What `thing[key]` touches, read or written: of a dictionary also the keys that it compares."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        thing = base(frame)
        touched = effects.item(thing, mode, method)
        if type(thing) in ALIASES:
            thing = aliased(thing)
        if not touched or not issubclass(type(thing), dict):
            return touched
        asked = key(frame)
        if type(asked) in within.WHOLE or asked is UNKNOWN:
            return touched
        more = within.keyed(thing, asked)
        return within.together([touched, more]) if more else touched

    return look


def unseen(look: Look) -> Look:
    """What a finaliser touches: it offers no switch, so that what others know of it is not explored."""

    def note(task: Looker, frame: FrameType) -> Touched:
        touched = look(task, frame)
        dying = frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None
        if touched is None or type(touched) is Doubtful or any(thing is not dying for thing, _, _ in touched):
            task.note_opaque(frame)
        return ()

    return note


def unpacks(bases: list[Resolver | None]) -> Look:
    """What a call touches of these, which it unpacks for its arguments."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        found = [None if base is None else effects.read(base(frame.f_locals, frame.f_globals)) for base in bases]
        return within.together(found)

    return look


def all_of(looks: list[Look]) -> Look:
    """What several looks find together."""
    return lambda task, frame: within.together([each(task, frame) for each in looks])


def enters(base: Resolver, *, made: bool) -> Look:
    """What entering a context manager touches; of one that is made on the spot the callee is known."""

    def look(_task: Looker, frame: FrameType) -> Touched:
        thing = base(frame.f_locals, frame.f_globals)
        return calls.entered_anew(thing) if made else calls.entered(thing)

    return look


def spread_of(node: ast.AST | None) -> list[ast.expr]:
    """Return what `[*a, *b]`, `{**a}` and `f(*a, **b)` unpack."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return [value for key, value in zip(keys, values, strict=True) if key is None]
        case ast.Call(args=arguments, keywords=keywords):
            spread = [each.value for each in arguments if isinstance(each, ast.Starred)]
            return spread + [each.value for each in keywords if each.arg is None]
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [each.value for each in elements if isinstance(each, ast.Starred)]
    return []


def leaves_with(instruction: dis.Instruction, before: dis.Instruction | None) -> bool:
    """Tell whether a call is that of `__exit__`, or from Python 3.14 on of `__enter__`.

    What is called, or its constants, have no place of their own.
    """
    return (
        before is not None
        and instruction.opname == "CALL"
        and before.opname in ("LOAD_CONST", "LOAD_COMMON_CONSTANT", "LOAD_SPECIAL")
        and before.positions == instruction.positions
    )
