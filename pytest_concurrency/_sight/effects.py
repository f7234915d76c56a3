"""What an operation on a known object touches: nothing, a part of it, or who knows."""

from __future__ import annotations

import ast
import gc
import threading
import types
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight.resolve import UNKNOWN, class_attribute, instance_dict, plain_attribute
from pytest_concurrency._sight.site import CELLS
from pytest_concurrency._sight.watching import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._sight.site import Touched

CONTENT: Final = "[]"
_CONTAINERS: Final = frozenset({list, dict, set, bytearray, deque, defaultdict, OrderedDict, Counter, array})
_COUNTED: Final = frozenset({dict, set, deque, defaultdict, OrderedDict, Counter})
_SELF_CHANGING: Final = frozenset({defaultdict})
_IMMUTABLE: Final = frozenset(
    {int, float, complex, str, bytes, bool, tuple, frozenset, range, slice, type(None), type(...),
     types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.CodeType}
)  # fmt: skip
_ITERABLES: Final[tuple[Any, ...]] = (
    [], {}, {}.items(), {}.values(), set(), (), "", range(0), deque(), bytearray()
)  # fmt: skip
_ITERATORS: Final = tuple(type(iter(each)) for each in _ITERABLES)
_ONE_SHOT: Final = frozenset(
    {*_ITERATORS, enumerate, zip, map, filter, reversed, types.GeneratorType,
     type(__import__("itertools").count())}
)  # fmt: skip
_WALKS: Final = frozenset({*_ITERATORS, type(reversed([])), enumerate, zip, map, filter, reversed, tuple})
_VIEWS: Final[frozenset[type]] = frozenset({type({}.items()), type({}.keys()), type({}.values())})
_READERS: Final = frozenset(
    {"get", "keys", "values", "items", "copy", "count", "index", "issubset", "issuperset", "isdisjoint",
     "union", "intersection", "difference", "symmetric_difference", "most_common", "elements", "total",
     "tolist", "tobytes", "hex", "decode", "startswith", "endswith", "find",
     "__len__", "__contains__", "__getitem__", "__iter__", "__eq__"}
)  # fmt: skip
BY_KEY: Final = frozenset({"get", "setdefault", "pop", "__getitem__", "__setitem__", "__contains__", "__delitem__"})
_SYNC_MODULES: Final = frozenset(
    {
        "threading",
        "queue",
        "_queue",
        "_thread",
        "concurrent.futures._base",
        "concurrent.futures.thread",
        "multiprocessing.pool",
    }
)
_PURE: Final = frozenset(
    {len, list, tuple, dict, set, frozenset, sum, sorted, min, max, any, all, str, repr, print, enumerate,
     zip, map, filter, reversed, iter, isinstance, type, bool, format, bytes, id, hash, callable, range,
     getattr, hasattr, int, float, abs, round, divmod, vars, dir}
)  # fmt: skip
_BY_NAME: Final = {getattr: READ, hasattr: READ, setattr: WRITE, delattr: WRITE}
_BOUND: Final = frozenset({types.BuiltinFunctionType, types.MethodType})
_VIEW_METHODS: Final = ("items", "keys", "values")
_LAZY: Final = ("enumerate", "zip", "reversed", "iter", "map", "filter", "list", "tuple", "sorted", "set")


def attribute(thing: Any, name: str, mode: int) -> Touched:
    """What reading or writing an attribute touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in _IMMUTABLE or kind in _CONTAINERS or issubclass(kind, (Controlled, threading.local)):
        return ()  # of a thread-local object every thread sees its own
    if mode == WRITE:
        return ((vars(thing) if issubclass(kind, types.ModuleType) else thing, name, WRITE),)
    if issubclass(type(thing), types.ModuleType):
        value = vars(thing).get(name)
        return () if type(value) in _IMMUTABLE and callable(value) else ((vars(thing), name, READ),)
    if issubclass(kind, type):
        owner, value = class_attribute(thing, name)
        return _class_read(owner, value, name)
    own = instance_dict(thing)
    if own is not None and name in own:
        return ((thing, name, READ),)
    owner, value = class_attribute(kind, name)
    if type(value) is types.MemberDescriptorType:
        return ((thing, name, READ),)
    if value is UNKNOWN:
        return ((thing, name, READ),)
    if isinstance(value, property):
        inside = value.fget
        return () if _is_python(inside) else ((thing, name, READ),)
    inherited = _class_read(owner, value, name)
    return ((thing, name, READ), *inherited) if inherited and own is not None else inherited


def _class_read(owner: type | None, value: Any, name: str) -> Touched:
    if owner is None or hasattr(type(value), "__get__"):
        return ()
    return ((owner, name, READ),)


def item(thing: Any, mode: int) -> Touched:
    """What reading or writing an item touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in _IMMUTABLE or issubclass(type(thing), (type, types.GenericAlias)):
        return ()
    if kind in _CONTAINERS:
        return ((thing, CONTENT, WRITE if kind in _SELF_CHANGING else mode),)
    if _is_python(class_attribute(kind, "__setitem__" if mode else "__getitem__")[1]):
        return ()
    return ((thing, CONTENT, mode),)


def read(thing: Any) -> Touched:
    """What looking at an object's content touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in _CONTAINERS or kind in _VIEWS:
        return ((thing, CONTENT, READ),)
    return ((thing, CONTENT, WRITE),) if kind in _ONE_SHOT else ()


def started(thing: Any) -> Touched:
    """What beginning to iterate touches: these remember how many items there are."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    return ((thing, CONTENT, READ),) if kind in _COUNTED or kind in _VIEWS or kind in _ONE_SHOT else ()


def iterated(thing: Any) -> Touched:
    """What one step of a `for` loop touches."""
    return read(thing)


def advanced(iterator: Any, is_known: Callable[[object], bool]) -> Touched:
    """What one step of an iterator touches: what it walks over, and itself where others may know it."""
    if iterator is UNKNOWN:
        return None
    kind = type(iterator)
    touched = read(iterator) if kind not in _ONE_SHOT or is_known(iterator) else ()
    if kind in _WALKS:
        for each in gc.get_referents(iterator):
            if type(each) in _WALKS or type(each) in _CONTAINERS or type(each) in _VIEWS:
                touched = (touched or ()) + (advanced(each, is_known) or ())
    return touched


def operand(thing: Any, mode: int) -> Touched:
    """What being the left operand touches: in-place operators write into mutable objects."""
    if type(thing) in _CONTAINERS:
        return ((thing, CONTENT, mode),)
    return ()


def call(callee: Any, arguments: list[Any]) -> Touched:
    """What calling a function or class with these arguments touches."""
    if callee is UNKNOWN:
        return None
    if _is_python(callee) or (issubclass(type(callee), type) and _is_python(_constructor(callee))):
        return ()  # its own accesses show, because its code is watched
    if _hashable(callee):
        if callee in _BY_NAME:
            return _by_name(callee, arguments)
        if callee in _PURE:
            return _each(arguments, READ)
    bound = getattr(callee, "__self__", None) if type(callee) in _BOUND else None
    if bound is None or issubclass(type(bound), (type, types.ModuleType)):
        return _each(arguments, WRITE)
    return method_call(bound, callee.__name__, arguments)


def _by_name(callee: Any, arguments: list[Any]) -> Touched:
    """What `getattr`, `setattr` and their like touch."""
    if len(arguments) < 2 or type(arguments[1]) is not str:
        return None
    return attribute(arguments[0], arguments[1], _BY_NAME[callee])


def target(function: Any, arguments: list[Any]) -> Touched:
    """What a thread's target touches that its own accesses do not show."""
    if isinstance(function, types.MethodType) and type(function.__self__).__module__ in _SYNC_MODULES:
        return ()
    if function is None or _is_python(function) or isinstance(getattr(function, "__self__", None), Controlled):
        return ()
    if isinstance(function, types.BuiltinFunctionType) and not isinstance(function.__self__, types.ModuleType):
        return method_call(function.__self__, function.__name__, arguments)
    module = getattr(function, "__module__", None) or ""
    if module in _SYNC_MODULES or module.startswith(_OWN):
        inner = [each for each in arguments if callable(each)]
        found = [target(each, []) for each in inner]
        return None if None in found else tuple(each for touched in found for each in touched or ())
    return None


_OWN: Final = "pytest_concurrency."


def method_call(thing: Any, name: str, arguments: list[Any]) -> Touched:
    """What calling a method touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in _IMMUTABLE:
        return _each(arguments, READ)
    if kind in _CONTAINERS:
        mode = READ if name in _READERS and kind not in _SELF_CHANGING else WRITE
        return ((thing, CONTENT, mode), *(_each(arguments, READ) or ()))
    if kind in _ONE_SHOT:
        return ((thing, CONTENT, WRITE),)
    if issubclass(type(thing), types.ModuleType):
        return call(vars(thing).get(name, UNKNOWN), arguments)
    if issubclass(type(thing), Controlled) or kind.__module__ in _SYNC_MODULES:
        return ()  # these have yield points of their own
    if issubclass(kind, type):
        return call(class_attribute(thing, name)[1], arguments)
    return _instance_call(thing, kind, name, arguments)


def _instance_call(thing: Any, kind: type, name: str, arguments: list[Any]) -> Touched:
    own = instance_dict(thing)
    if own is not None and name in own:
        return call(own[name], arguments)
    owner, value = class_attribute(kind, name)
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    if _is_python(value) or (owner is not None and owner.__module__ in _SYNC_MODULES):
        return ()
    return ((thing, CONTENT, WRITE), *(_each(arguments, WRITE) or ()))


def _each(arguments: list[Any], mode: int) -> Touched:
    touched: tuple[tuple[Any, str, int], ...] = ()
    for each in arguments:
        kind = type(each)
        if kind in _CONTAINERS:
            touched += ((each, CONTENT, mode),)
        elif kind in _ONE_SHOT:
            touched += ((each, CONTENT, WRITE),)
    return touched


def read_parts(node: ast.AST | None) -> Iterator[ast.AST]:
    """Yield the parts of an expression whose content is looked at when it is iterated or read.

    `enumerate(d.items())` looks at `d`; a call that makes a fresh object looks at nothing.
    """
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=attr), args=[]) if attr in _VIEW_METHODS:
            yield inner
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _LAZY:
            for each in arguments:
                yield from read_parts(each)
        case ast.Starred(value=inner):
            yield from read_parts(inner)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            yield node


def _is_python(value: Any) -> bool:
    """Tell whether a function's own accesses will show: it is Python code that is watched."""
    if type(value) is types.MethodType:
        value = value.__func__
    if type(value) is not types.FunctionType:
        return False
    watch = policy.watch
    return watch is None or watch.is_watched(value.__code__.co_filename)


def _constructor(kind: type) -> Any:
    return class_attribute(kind, "__init__")[1]


def _hashable(value: Any) -> bool:
    return issubclass(type(value), (type, types.BuiltinFunctionType))


def current_value(thing: Any, part: str, frame: FrameType, item: Any = None) -> Any:
    """Return what stands at a place right now, or `UNKNOWN`, without running code of the user's."""
    if thing is CELLS:
        return frame.f_locals.get(part.partition(" of ")[0], UNKNOWN)
    if part == CONTENT:
        if type(item) is not tuple:
            return thing
        if type(thing) is list:
            return thing[item[1]] if type(item[1]) is int and -len(thing) <= item[1] < len(thing) else UNKNOWN
        return dict.get(thing, item[1], UNKNOWN) if isinstance(thing, dict) else UNKNOWN
    if type(thing) is dict:
        return thing.get(part, UNKNOWN)
    return plain_attribute(thing, part)
