"""What is touched by whoever walks over an object, or gives it to code in C: a loop over `zip(a, b)`, `list(a)`."""

from __future__ import annotations

import functools
import gc
import inspect
import itertools
import operator
import types
from typing import Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight import effects
from pytest_concurrency._sight.effects import CONTAINERS, CONTENT, IMMUTABLE, ONE_SHOT
from pytest_concurrency._sight.known import QUIET, is_foreign, is_of_what_is_given, is_settled
from pytest_concurrency._sight.resolve import UNKNOWN, aliased, class_attribute
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Touched
from pytest_concurrency._sight.within import (
    BOUND,
    WHOLE,
    Within,
    each_compared,
    each_tested,
    joined,
    keys_hashed,
    together,
)

_OF_SEVERAL: Final = frozenset({zip, map, itertools.chain, itertools.zip_longest, itertools.product})
FUNCTIONS_OF_C: Final = (types.BuiltinFunctionType, type, types.MethodDescriptorType, types.WrapperDescriptorType)
_FUNCTIONS: Final = frozenset({types.FunctionType, types.MethodType})
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


def walked(iterator: Any, *, inside: bool = False, deep: int = _DEEPEST) -> Touched:
    """What one step of an iterator touches: itself, what it walks over, and what is inside of it if that is asked."""
    kind = type(iterator)
    if kind in CONTAINERS or kind in WHOLE:
        return ((iterator, CONTENT, READ),) if kind in CONTAINERS else ()
    if iterator is UNKNOWN:
        return None
    touched = effects.iterated(iterator) or ()
    if kind is types.GeneratorType:
        if inside:
            effects.compared.add(iterator.gi_code)
        return touched if effects.is_watched(iterator.gi_code) else OPAQUE
    if kind not in ONE_SHOT and not effects.steps_in_c(kind):
        return touched or _begun(iterator, kind)
    if not deep:
        return OPAQUE
    parts = gc.get_referents(iterator)
    if kind in _OF_SEVERAL:
        parts += [part for each in parts if type(each) is tuple for part in each]
    if kind in _CALLING:
        return _calls_and_walks(touched, kind, parts, deep, inside=inside)
    return joined(touched, [_walked_part(each, deep, inside=inside or kind in _ASKS_WITHIN) for each in parts])


def _begun(thing: Any, kind: type) -> Touched:
    """What walking over a collection touches whose code nobody watches."""
    if issubclass(kind, (type, Controlled)) or kind.__module__ in effects.SYNC_MODULES or is_settled(kind):
        return ()
    walk = _walk_of(kind)
    if type(walk) in _DESCRIPTORS:
        return () if walk.__objclass__ in IMMUTABLE else effects.started(thing) or ((thing, CONTENT, READ),)
    is_unseen = type(walk) is types.FunctionType and not effects.is_python(walk)
    return Doubtful(((thing, CONTENT, READ),)) if is_unseen else ()


def _walk_of(kind: type) -> Any:
    walk = class_attribute(kind, "__iter__")[1]
    return class_attribute(kind, "__getitem__")[1] if walk is UNKNOWN else walk


def _gives_unseen(kind: type) -> bool:
    """Tell whether code of the user's gives the items of an object where that does not show: no generator's."""
    walk = _walk_of(kind)
    if not effects.is_python(walk):
        return False
    if walk.__code__.co_flags & inspect.CO_GENERATOR:
        effects.compared.add(walk.__code__)
        return False
    return True


def _calls_and_walks(touched: Touched, kind: type, parts: list[Any], deep: int, *, inside: bool) -> Touched:
    """What a step touches of an iterator that calls something at each."""
    called = [each for each in parts if callable(each)]
    given = [each for each in parts if not callable(each)]
    is_filter_of_none = kind is filter and not called
    inside = inside or not called or not all(map(effects.is_python, called))
    tested = each_tested(given) if is_filter_of_none else ()
    walked_over = [_walked_part(each, deep, inside=inside) for each in given]
    return joined(touched, [tested, *map(_called, called), *walked_over])


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
    if kind in BOUND and not isinstance(function.__self__, types.ModuleType):
        shown = aliased(function.__self__)
        mode = READ if function.__name__ in effects.READERS else WRITE
        return () if type(shown) in WHOLE else ((shown, CONTENT, mode),)
    if kind in _DESCRIPTORS:
        return () if function.__objclass__ in WHOLE or function.__name__ in effects.READERS else OPAQUE
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
        if type(each) in BOUND:
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
    if kind in WHOLE or kind is tuple or issubclass(kind, type):
        return False
    return any(type(each) is types.MethodDescriptorType and name[0] != "_" for name, each in vars(kind).items())


def may_run_python(thing: Any) -> bool:
    """Tell whether walking over an object, or calling it, may run code that is watched."""
    kind = type(thing)
    if kind in WHOLE:
        return kind in _FUNCTIONS
    if kind in CONTAINERS or kind in (tuple, frozenset) or kind in BOUND or type(aliased(thing)) in CONTAINERS:
        return False
    if kind in ONE_SHOT and kind is not types.GeneratorType:
        return any(may_run_python(part) for part in gc.get_referents(thing))
    return not isinstance(thing, type) or bool(thing.__flags__ & effects.MADE_AT_RUN_TIME)


def looked_at(arguments: list[Any], *, inside: bool = False) -> Touched:
    """What is touched by whoever looks at the content of these, and perhaps inside each item."""
    touched: list[Touched] = []
    if inside or any(isinstance(each, FUNCTIONS_OF_C) for each in arguments):  # as `map(len, rows)` does
        looked_into = each_compared(arguments)
        if looked_into is None or looked_into is OPAQUE or type(looked_into) is Doubtful:
            return looked_into
        touched.append(looked_into)
    for each in arguments:
        kind = type(each)
        if each is UNKNOWN:
            return None
        if kind in IMMUTABLE or issubclass(kind, (Controlled, type)) or kind.__module__ in effects.SYNC_MODULES:
            continue
        found = walked(each, inside=inside)
        if found is None:
            return None
        if found == () and (not _walks_in_python(kind) or (inside and _gives_unseen(kind))):
            return OPAQUE
        touched.append(found)
    return joined((), touched)


def put_in(things: list[Any]) -> Touched:
    """What is touched by whoever puts what is in these into a set or dictionary, beside their content."""
    return together([keys_hashed(things), *[walked(each, inside=True) for each in things if type(each) in ONE_SHOT]])


def has_a_size(thing: Any) -> bool:
    return thing is UNKNOWN or class_attribute(type(thing), "__len__")[1] is not UNKNOWN


def _walks_in_python(kind: type) -> bool:
    """Tell whether the code that is asked for an object's content is the user's, and watched."""
    return any(
        effects.is_python(class_attribute(kind, name)[1]) for name in ("__iter__", "__len__", "__next__", "__getitem__")
    )


def each_of(arguments: list[Any], mode: int) -> Touched:
    """What code in C touches that is given these."""
    given = [each for each in arguments if type(each) not in WHOLE]
    return joined((), [_given(aliased(each), mode) for each in given]) if given else ()


def _given(thing: Any, mode: int) -> Touched:
    kind = type(thing)
    if not CONTAINERS.isdisjoint(kind.__mro__):
        return ((thing, CONTENT, mode),)
    if mode and is_foreign(kind):
        return OPAQUE
    return walked(thing) if kind in ONE_SHOT or effects.steps_in_c(kind) else ()
