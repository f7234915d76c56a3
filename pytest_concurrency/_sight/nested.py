"""What is touched by whoever looks into an object at any depth: a comparison, `repr`, a loop over `zip(a, b)`."""

from __future__ import annotations

import functools
import gc
import itertools
import operator
import types
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight import effects
from pytest_concurrency._sight.effects import CONTAINERS, CONTENT, IMMUTABLE, ONE_SHOT
from pytest_concurrency._sight.known import QUIET, is_of_what_is_given, is_settled
from pytest_concurrency._sight.resolve import UNKNOWN, aliased, class_attribute
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting, Touched

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOUND: Final = frozenset({types.BuiltinFunctionType, types.MethodWrapperType})
_WHOLE: Final = IMMUTABLE - {tuple, frozenset} - _BOUND | {types.ModuleType}
_OF_SEVERAL: Final = frozenset({zip, map, itertools.chain, itertools.zip_longest, itertools.product})
FUNCTIONS_OF_C: Final = (types.BuiltinFunctionType, type, types.MethodDescriptorType, types.WrapperDescriptorType)
_VALUES: Final[type] = type({}.values())
_FUNCTIONS: Final = frozenset({types.FunctionType, types.MethodType})
_MOST: Final = 1000
"""So many objects within one are looked at; of a larger one nothing is proved."""
_ASKS_WITHIN: Final = frozenset({itertools.chain, itertools.compress})
_CALLING: Final = frozenset(
    {map, filter, type(iter(int, 0)), itertools.starmap, itertools.groupby, itertools.takewhile, itertools.dropwhile,
     itertools.filterfalse, itertools.accumulate}
)  # fmt: skip
"""They call a function at each step."""
_LOOK_ONLY: Final = QUIET | {
    *(len, sum, sorted, min, max, any, all, list, tuple, dict, set, frozenset, bytes, bytearray, str, repr, ascii),
    *(hash, format, reversed, enumerate, zip),
    *(getattr(operator, each) for each in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "neg", "not_")),
    *(
        getattr(operator, each)
        for each in ("lt", "le", "eq", "ne", "ge", "gt", "and_", "or_", "xor", "truth", "concat")
    ),
}
"""They look at what they are given, at any depth, and touch nothing else."""
_DESCRIPTORS: Final = frozenset({types.MethodDescriptorType, types.WrapperDescriptorType})
_MOST_HELD: Final = 20
_DEEPEST: Final = 8
"""So many iterators within one another are followed."""
_ITERATED: Final[tuple[tuple[type, Any], ...]] = (
    (list, list.__iter__), (tuple, tuple.__iter__), (set, set.__iter__), (frozenset, frozenset.__iter__),
    (deque, deque.__iter__),
)  # fmt: skip


class Within:
    """What can change within an object, itself included.

    Attributes:
        containers: Containers at any depth, each once.
        others: Objects at any depth that are neither containers nor without parts that change.
        is_whole: Whether that is all.
    """

    def __init__(self, thing: Any) -> None:
        self.containers: list[Any] = []
        self.others: list[Any] = []
        self.is_whole = True
        self._errors: list[BaseException] = []
        self._changed: set[int] = set()  # containers of which it holds a method that changes them
        self._look(thing)

    def _look(self, thing: Any) -> None:
        seen, todo = set[int](), [aliased(thing)]
        while todo:
            each = todo.pop()
            if id(each) in seen:
                continue
            if len(seen) >= _MOST:
                self.is_whole = False
                return
            seen.add(id(each))
            parts = _parts(each)
            if type(each) in _BOUND and each.__name__ not in effects.READERS:
                self._changed.add(id(aliased(each.__self__)))
            if issubclass(type(each), BaseException):
                self._errors.append(each)
            if not CONTAINERS.isdisjoint(type(each).__mro__):
                self.containers.append(each)
            elif parts is None and type(each) not in _WHOLE and not is_settled(type(each)):
                self.others.append(each)
            todo += [aliased(part) for part in parts or ()]

    @property
    def can_change(self) -> bool:
        """Whether anything in it can change, as far as is known."""
        return bool(self.containers or self.others) or not self.is_whole

    def reads(self) -> tuple[tuple[Any, str, int], ...]:
        """Return the accesses of whoever reads all of it, and calls what can be called."""
        given = [(each, "args", READ) for each in self._errors]
        return (*given, *[(each, CONTENT, WRITE if id(each) in self._changed else READ) for each in self.containers])


def _parts(thing: Any) -> list[Any] | None:
    """Return the objects in a container that have parts themselves, without running code of its own; else None."""
    if type(thing) in _BOUND:  # `key=rows.__getitem__`
        return [thing.__self__]
    if issubclass(type(thing), BaseException):
        found = list(BaseException.__dict__["args"].__get__(thing))
    elif isinstance(thing, dict):
        found = [*dict.keys(thing), *dict.values(thing)]
    else:
        walk = next((walk for kind, walk in _ITERATED if issubclass(type(thing), kind)), None)
        if walk is None:
            return None
        found = list(walk(thing))
    return found if not _WHOLE.issuperset(map(type, found)) else []


def compares_unseen(thing: Any) -> bool:
    """Tell whether an operator on an object looks at what can change where nobody sees it: a dataclass's, for one."""
    kind = type(thing)
    if kind in IMMUTABLE or kind in CONTAINERS:
        return False
    method = class_attribute(kind, "__eq__")[1]
    if type(method) is types.FunctionType:
        return not effects.is_python(method) and not is_settled(kind)
    return issubclass(kind, types.SimpleNamespace)


def compared(thing: Any) -> Touched:
    """What comparing an object with another touches."""
    if thing is UNKNOWN:
        return None
    if type(thing) in _WHOLE:
        return ()
    within = Within(thing)
    if any(map(compares_unseen, within.others)):
        return OPAQUE
    return within.reads() if within.is_whole else Doubtful(within.reads())


def each_compared(things: Iterable[Any]) -> Touched:
    """What comparing each of these, or looking into each of their items, touches."""
    return together([compared(each) for each in things])


def tested(thing: Any) -> Touched:
    """What asking whether an object is true touches."""
    touched, kind = effects.read(thing), type(thing)
    if touched != () or kind in IMMUTABLE or issubclass(kind, (Controlled, type)):
        return touched
    found = [class_attribute(kind, name)[1] for name in ("__bool__", "__len__")]
    method = found[found[0] is UNKNOWN]
    if method is UNKNOWN or effects.is_python(method) or is_settled(kind) or kind.__module__ in effects.SYNC_MODULES:
        return ()
    return Doubtful(((thing, CONTENT, READ),)) if type(method) is types.FunctionType else ((thing, CONTENT, READ),)


def each_tested(things: Iterable[Any]) -> Touched:
    """What asking whether something in one of these is true touches."""
    return together([tested(each) for thing in things for each in Within(thing).others])


def told(thing: Any) -> Touched:
    """What asking an object for its words touches: of what it holds too; the code that finds them is not watched."""
    if thing is UNKNOWN:
        return None
    if type(thing) in _WHOLE:
        return ()
    within = Within(thing)
    if not within.is_whole or any(not _has_plain_words(each) for each in within.others):
        return OPAQUE
    return (*within.reads(), *((each, CONTENT, READ) for each in within.others if type(each) in ONE_SHOT))


def _has_plain_words(thing: Any) -> bool:
    kind = type(thing)
    return kind in _WHOLE or kind in ONE_SHOT or issubclass(kind, (type, BaseException)) or is_settled(kind)


def looked_in(thing: Any, asked: Any) -> Touched:
    """What looking in an object for another touches."""
    if type(asked) in _WHOLE:
        return _asked(thing)
    walks = any(issubclass(type(thing), kind) for kind, _ in _ITERATED) or type(thing) is _VALUES
    return together([compared(asked), compared(thing) if walks else _asked(thing)])


def _asked(thing: Any) -> Touched:
    found, kind = effects.read(thing), type(thing)
    if found == () and kind not in IMMUTABLE and not issubclass(kind, type):
        asked = [class_attribute(kind, name)[1] for name in ("__contains__", "__iter__", "__getitem__")]
        method = next((each for each in asked if each is not UNKNOWN), UNKNOWN)
        if type(method) is not types.FunctionType:
            return OPAQUE
        return () if effects.is_python(method) else Doubtful(((thing, CONTENT, READ),))
    return found


def together(found: list[Touched]) -> Touched:
    """What is touched by an operation that touches all of these."""
    if None in found or OPAQUE in found:
        return OPAQUE if OPAQUE in found else None
    kinds = set(map(type, found))
    kind = Doubtful if Doubtful in kinds else Lasting if Lasting in kinds else tuple
    return kind([touched for each in found for touched in each or ()])


def walked(iterator: Any, *, inside: bool = False, deep: int = _DEEPEST) -> Touched:
    """What one step of an iterator touches: itself, what it walks over, and what is inside of it if that is asked."""
    if iterator is UNKNOWN:
        return None
    kind = type(iterator)
    touched = effects.iterated(iterator) or ()
    if kind is types.GeneratorType:
        return touched if effects.is_watched(iterator.gi_code) else OPAQUE
    if kind not in ONE_SHOT and not effects.steps_in_c(kind):
        return touched
    if not deep:
        return OPAQUE
    parts = gc.get_referents(iterator)
    if kind in _OF_SEVERAL:
        parts += [part for each in parts if type(each) is tuple for part in each]
    if kind in _CALLING:
        return _calls_and_walks(touched, kind, parts, deep, inside=inside)
    return _joined(touched, [_walked_part(each, deep, inside=inside or kind in _ASKS_WITHIN) for each in parts])


def _calls_and_walks(touched: Touched, kind: type, parts: list[Any], deep: int, *, inside: bool) -> Touched:
    """What a step touches of an iterator that calls something at each."""
    called = [each for each in parts if callable(each)]
    given = [each for each in parts if not callable(each)]
    is_filter_of_none = kind is filter and not called
    inside = inside or is_filter_of_none or not all(map(effects.is_python, called))
    tested = each_tested(given) if is_filter_of_none else ()
    walked_over = [_walked_part(each, deep, inside=inside) for each in given]
    return _joined(touched, [tested, *map(_called, called), *walked_over])


def _joined(touched: Touched, more: list[Touched]) -> Touched:
    """Return what is touched in all; as `together`, and quick where all is known."""
    for each in (touched, *more):
        if type(each) is not tuple or each is OPAQUE:
            return together([touched, *more])
    return tuple([access for each in (touched, *more) for access in each or ()])


def _walked_part(thing: Any, deep: int, *, inside: bool) -> Touched:
    """What a step touches of something that an iterator keeps."""
    if type(thing) in ONE_SHOT:
        return walked(thing, inside=inside, deep=deep - 1)
    if not inside:
        shown = aliased(thing)
        return () if type(shown) in IMMUTABLE or isinstance(shown, type) else ((shown, CONTENT, READ),)
    within = Within(thing)
    inner = [walked(each, inside=True, deep=deep - 1) for each in within.others if type(each) in ONE_SHOT]
    return together([within.reads(), *inner])


def _called(function: Any) -> Touched:
    """What a function touches that an iterator calls, beside what that walks over."""
    kind = type(function)
    looks_only = (kind is type or kind is types.BuiltinFunctionType) and function in _LOOK_ONLY
    if looks_only or kind is operator.itemgetter or effects.is_python(function):
        return ()
    if kind is functools.partial:
        return together([_called(function.func), each_compared([*function.args, *function.keywords.values()])])
    if kind in _BOUND and not isinstance(function.__self__, types.ModuleType):
        shown = aliased(function.__self__)
        mode = READ if function.__name__ in effects.READERS else WRITE
        return () if type(shown) in _WHOLE else ((shown, CONTENT, mode),)
    if kind in _DESCRIPTORS:
        return () if function.__objclass__ in _WHOLE or function.__name__ in effects.READERS else OPAQUE
    if kind is types.FunctionType:
        return () if is_of_what_is_given(function) else OPAQUE
    return () if isinstance(function, type) and _makes_only(function) else OPAQUE


def _makes_only(kind: type) -> bool:
    """Tell whether making an object touches nothing but what is given, as far as it is not watched."""
    made = class_attribute(kind, "__init__")[1]
    is_generated = type(made) is types.FunctionType and made.__code__.co_filename == "<string>"  # a dataclass's
    is_made_of = not CONTAINERS.isdisjoint(kind.__mro__) or issubclass(kind, (BaseException, tuple))
    return effects.is_python(made) or is_generated or is_made_of or is_settled(kind)


def held(thing: Any) -> tuple[tuple[Any, str, int], ...]:
    """What a method in C of an object may touch of what that was given when it was made: a writer's stream."""
    found: dict[int, Any] = {id(thing): thing}
    todo = gc.get_referents(thing)
    while todo and len(found) < _MOST_HELD:
        each = todo.pop()
        if type(each) in _BOUND:
            each = each.__self__
        kind: Any = type(each)
        if kind is tuple:
            todo += each
        if id(each) not in found and kind.__flags__ & effects.WRITTEN_IN_C and _can_be_changed(kind):
            found[id(each)] = each
            todo += () if kind in CONTAINERS else gc.get_referents(each)
    del found[id(thing)]
    return tuple([(each, CONTENT, WRITE) for each in found.values()])


@functools.cache
def _can_be_changed(kind: Any) -> bool:
    """Tell whether a type in C has methods, other than a settled form such as the dialect of a table."""
    if kind in _WHOLE or kind is tuple or issubclass(kind, type):
        return False
    return any(type(each) is types.MethodDescriptorType and name[0] != "_" for name, each in vars(kind).items())


def may_run_python(thing: Any) -> bool:
    """Tell whether walking over an object, or calling it, may run code that is watched."""
    kind = type(thing)
    if kind in _WHOLE:
        return kind in _FUNCTIONS
    if kind in CONTAINERS or kind in (tuple, frozenset) or kind in _BOUND or type(aliased(thing)) in CONTAINERS:
        return False
    if kind in ONE_SHOT and kind is not types.GeneratorType:
        return any(may_run_python(part) for part in gc.get_referents(thing))
    return not isinstance(thing, type) or bool(thing.__flags__ & effects.MADE_AT_RUN_TIME)


def looked_at(arguments: list[Any], *, inside: bool = False) -> Touched:
    """What is touched by whoever looks at the content of these, and perhaps inside each item."""
    touched: tuple[tuple[Any, str, int], ...] = ()
    if inside or any(isinstance(each, FUNCTIONS_OF_C) for each in arguments):  # as `map(len, rows)` does
        looked_into = each_compared(arguments)
        if looked_into is None or looked_into is OPAQUE or type(looked_into) is Doubtful:
            return looked_into
        touched = looked_into
    for each in arguments:
        kind = type(each)
        if each is UNKNOWN:
            return None
        if kind in IMMUTABLE or issubclass(kind, (Controlled, type)) or kind.__module__ in effects.SYNC_MODULES:
            continue
        found = walked(each)
        if found is None:
            return None
        if found == () and not _walks_in_python(kind):
            return OPAQUE
        touched += found
    return touched


def has_a_size(thing: Any) -> bool:
    return thing is UNKNOWN or class_attribute(type(thing), "__len__")[1] is not UNKNOWN


def _walks_in_python(kind: type) -> bool:
    """Tell whether the code that is asked for an object's content is the user's, and watched."""
    return any(
        effects.is_python(class_attribute(kind, name)[1]) for name in ("__iter__", "__len__", "__next__", "__getitem__")
    )


def each_of(arguments: list[Any], mode: int) -> Touched:
    """What code in C touches that is given these."""
    given = [each for each in arguments if type(each) not in _WHOLE]
    return _joined((), [_given(aliased(each), mode) for each in given]) if given else ()


def doubtful(found: Touched) -> Touched:
    """What is touched as far as is known; of what is not, nothing more is known."""
    return found if found is None or found is OPAQUE else Doubtful(found)


def _given(thing: Any, mode: int) -> Touched:
    kind = type(thing)
    if not CONTAINERS.isdisjoint(kind.__mro__):
        return ((thing, CONTENT, mode),)
    return walked(thing) if kind in ONE_SHOT or effects.steps_in_c(kind) else ()
