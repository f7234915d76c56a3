"""What an operation on a known object touches: nothing, a part of it, or who knows."""

from __future__ import annotations

import functools
import itertools
import sys
import threading
import types
import weakref
from array import array
from collections import Counter, OrderedDict, UserString, defaultdict, deque
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight.known import ASKED_UNSEEN, is_file, is_foreign, is_settled
from pytest_concurrency._sight.resolve import (
    ALIASES,
    UNKNOWN,
    VIEWS,
    aliased,
    class_attribute,
    instance_dict,
    space_of,
)
from pytest_concurrency._sight.site import FILES, OPAQUE, Doubtful, Own
from pytest_concurrency._sight.watching import policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._sight.site import Touched

CONTENT: Final = "[]"
CONTAINERS: Final = frozenset({list, dict, set, bytearray, deque, defaultdict, OrderedDict, Counter, array})
_COUNTED: Final = frozenset({dict, set, deque, defaultdict, OrderedDict, Counter})
_WITH_ATTRIBUTES: Final = frozenset({OrderedDict, Counter})
SELF_CHANGING: Final = frozenset({defaultdict})
IMMUTABLE: Final = frozenset(
    {int, float, complex, str, bytes, bool, tuple, frozenset, range, slice, type(None), type(...),
     types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.CodeType}
)  # fmt: skip
_ITERABLES: Final[tuple[Any, ...]] = (
    [], {}, {}.items(), {}.values(), set(), (), "", range(0), deque(), bytearray(), OrderedDict(), array("b"),
    reversed({}), reversed({}.items()), reversed({}.values()), reversed(deque()), iter(int, 0)
)  # fmt: skip
_ITERATORS: Final = tuple(type(iter(each)) for each in _ITERABLES)
_WALKS: Final = frozenset({*_ITERATORS, type(reversed([])), enumerate, zip, map, filter, reversed})
_ASKED_ANEW: Final = _WALKS | {types.GeneratorType}
ONE_SHOT: Final = frozenset(
    {*_WALKS, types.GeneratorType,
     *(each for each in vars(itertools).values() if isinstance(each, type))}
)  # fmt: skip
READERS: Final = frozenset(
    {"get", "keys", "values", "items", "copy", "count", "index", "issubset", "issuperset", "isdisjoint",
     "union", "intersection", "difference", "symmetric_difference", "most_common", "elements", "total",
     "tolist", "tobytes", "hex", "decode", "startswith", "endswith", "find",
     "__len__", "__contains__", "__getitem__", "__iter__", "__eq__"}
)  # fmt: skip
BY_KEY: Final = frozenset({"get", "setdefault", "pop", "__getitem__", "__setitem__", "__contains__", "__delitem__"})
OF_KEYS: Final = BY_KEY | {"add", "discard", "remove"}
_PROXIES: Final = ASKED_UNSEEN | {weakref.ProxyType, weakref.CallableProxyType}
"""They stand for an object that only they know, or are asked for where no access shows."""
_ASKS: Final = (("__getattribute__", object.__getattribute__), ("__getattr__", UNKNOWN))
_GIVES: Final = (("__setattr__", object.__setattr__), ("__delattr__", object.__delattr__))
_OF_A_METHOD: Final = frozenset({"__func__", "__self__"})
_asking_class: Final[Any] = super.__dict__["__thisclass__"].__get__
_class_of_super: Final[Any] = super.__dict__["__self_class__"].__get__
self_of: Final[Callable[[Any], Any]] = super.__dict__["__self__"].__get__
_NAMESPACES: Final = frozenset(
    {"__dict__", "__globals__", "f_globals", "f_locals", "cell_contents", "__kwdefaults__", "f_lineno", "f_lasti",
     "_value2member_map_"}
)  # fmt: skip
"""Attributes that give what others write as attributes or variables, under another name, or where others are."""
HANDS_OUT: Final = _NAMESPACES | {
    "vars", "globals", "keywords", "from_buffer", "from_address", "pointer", "finalize", "ref", "proxy",
    "add_done_callback", "callback", "push", "enter_context", "closing", "TextIOWrapper", "BufferedReader",
    "BufferedWriter", "BufferedRandom", "BufferedRWPair", "ZipFile", "GzipFile", "Shelf", "Barrier", "Timer",
    "ThreadPoolExecutor", "create_function", "define",
}  # fmt: skip
"""What is given under these names, and of whose effect nothing is known, shows later, by no access, what others do."""
_OF_ERRORS: Final = frozenset({"__cause__", "__context__", "__traceback__", "__suppress_context__"})
"""These change where an error is raised, which is no access."""
_RARE: Final = _NAMESPACES | _OF_ERRORS | {"keywords"}
_MADE_ANEW: Final = frozenset({int, float, complex, str, bytes, bool, list, dict, set, tuple, frozenset, deque})


class _CalledBack:
    """Functions that code in C calls in the midst of a change: there others can see it half done.

    Attributes:
        codes: By its `id`, the code of each.
    """

    def __init__(self) -> None:
        self.codes: dict[int, types.CodeType] = {}

    def add(self, function: Any) -> None:
        """Add a function of the user's; nothing else counts."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is not None:
            self.codes[id(code)] = code


called_back: Final = _CalledBack()
compared: Final[set[types.CodeType]] = set()
"""Generators whose items are looked into by code in C that has asked for them."""
given: Final[set[str]] = set()
"""Attributes that classes were given in this schedule: a method of that name is read like a value."""


def attribute(thing: Any, name: str, mode: int) -> Touched:
    """What reading or writing an attribute touches."""
    if thing is UNKNOWN:
        return None
    if type(thing) in _PROXIES or (name in _RARE and _shows_others(thing, name, mode)):
        return OPAQUE
    thing = thing.__func__ if type(thing) is types.MethodType and name not in _OF_A_METHOD else thing
    kind = type(thing)
    if kind in CONTAINERS and kind not in _WITH_ATTRIBUTES:
        return ((thing, CONTENT, mode),) if name == "default_factory" else ()
    if (kind in IMMUTABLE and kind is not types.FunctionType) or issubclass(kind, Controlled):
        return ()
    if issubclass(kind, threading.local):
        return Own(((thing, name, mode),))
    if mode == WRITE:
        return _written(thing, kind, name)
    if kind is super:
        return _above(thing, name)
    if issubclass(type(thing), types.ModuleType):
        value = vars(thing).get(name)
        return () if type(value) in IMMUTABLE and callable(value) else ((vars(thing), name, READ),)
    if issubclass(kind, type):
        return _class_read(thing, name)
    if is_foreign(kind):
        return OPAQUE  # a proxy shows the attributes of another as its own
    own = instance_dict(thing)
    if own is not None and name in own:
        return _own_read(thing, kind, own[name], name)
    owner, value = class_attribute(kind, name)
    if type(value) in (types.MemberDescriptorType, types.GetSetDescriptorType):
        return _in_c(thing, owner, name, READ)
    if value is UNKNOWN:
        inside = () if _are_usual(kind, _ASKS) else ((thing, CONTENT, READ),)
        return ((thing, name, READ), *inside, *_missed(kind, name))
    if isinstance(value, property) and name not in given:
        if owner is threading.Thread and name in _OF_A_THREAD:
            return ((thing, name, READ),)
        return () if is_python(value.fget) or is_settled(kind) else OPAQUE
    inherited = _class_read(kind, name)
    return ((thing, name, READ), *inherited) if inherited and inherited is not OPAQUE and own is not None else inherited


def _are_usual(kind: type, methods: tuple[tuple[str, Any], ...]) -> bool:
    """Tell whether a type has no function in C in place of the usual ones, by which its attributes are its items."""
    found = [(class_attribute(kind, name)[1], usual) for name, usual in methods]
    return all(each is usual or is_python(each) for each, usual in found)


def _shows_others(thing: Any, name: str, mode: int) -> bool:
    """Tell whether an attribute of a rare name gives what others change by other names, or by no access."""
    if name == "keywords":
        return issubclass(type(thing), functools.partial)
    if name in _OF_ERRORS:
        return mode == READ and issubclass(type(thing), BaseException)
    return True


def _written(thing: Any, kind: type, name: str) -> Touched:
    """What giving an attribute touches; what a call or an operator looks up without an access, changes unseen."""
    of_class = issubclass(kind, type)
    is_special = name.startswith("__") and name.endswith("__")
    if is_foreign(kind) or name == "__class__" or (is_special and (of_class or kind is types.FunctionType)):
        return OPAQUE
    found = type(class_attribute(thing if of_class else kind, name)[1])
    if hasattr(found, "__get__") and (of_class or not hasattr(found, "__set__")):
        return OPAQUE  # another method from now on, and calling one is no access
    if found in (types.MemberDescriptorType, types.GetSetDescriptorType):
        return _in_c(thing, class_attribute(kind, name)[0], name, WRITE)
    if of_class:
        given.add(name)
    if name == "data" and issubclass(kind, UserString):
        return OPAQUE  # `text == "a"` is no access
    if CONTAINERS.isdisjoint(kind.__mro__) or _are_usual(kind, _GIVES):
        return ((vars(thing) if issubclass(kind, types.ModuleType) else thing, name, WRITE),)
    return ((thing, name, WRITE), (thing, CONTENT, WRITE))


def _in_c(thing: Any, owner: type | None, name: str, mode: int) -> Touched:
    """What an attribute touches that is kept in C: a slot, a number of ctypes; or what methods in C change too."""
    if mode and owner is not None and is_settled(owner):
        return OPAQUE  # nobody looks whether it is still the same
    is_slot = owner is None or "__slots__" in space_of(owner)
    if (
        is_slot
        or issubclass(owner or object, (BaseException, types.FunctionType))
        or owner.__module__ in ("_ctypes", "ctypes")
    ):
        return ((thing, name, mode),)
    return ((thing, name, mode), (thing, CONTENT, mode))


def _above(thing: Any, name: str) -> Touched:
    """What reading an attribute of a `super()` touches: the classes above the one that asks."""
    read: list[tuple[Any, str, int]] = []
    for each in _classes_above(thing):
        if not each.__flags__ & WRITTEN_IN_C:
            read.append((each, name, READ))
        if name in vars(each):
            value = vars(each)[name]
            return tuple(read) if name in given or not hasattr(type(value), "__get__") else ()
    return tuple(read)


def found_above(thing: Any, name: str) -> Any:
    """Return what a `super()` finds under a name, `UNKNOWN` where nothing."""
    return next((vars(each)[name] for each in _classes_above(thing) if name in vars(each)), UNKNOWN)


def _classes_above(thing: Any) -> tuple[type, ...]:
    above, own = _asking_class(thing), _class_of_super(thing)
    return () if own is None else own.__mro__[own.__mro__.index(above) + 1 :]


def _own_read(thing: Any, kind: type, value: Any, name: str) -> Touched:
    """What reading an attribute of an instance touches; who changes what is inside a queue, does not show."""
    if kind.__module__ in SYNC_MODULES and not callable(value) and not _is_watched(kind.__module__):
        return None
    return ((thing, name, READ),)


def _is_watched(module: str) -> bool:
    file = getattr(sys.modules.get(module), "__file__", None)
    return policy.watch is not None and file is not None and policy.watch.is_watched(file)


def _class_read(kind: type, name: str) -> Touched:
    """What reading an attribute of a class touches: also those classes that could have it and have not."""
    owner, value = class_attribute(kind, name)
    if owner is None:
        of_its_kind = () if kind is type else _class_read(type(kind), name)
        return OPAQUE if of_its_kind is OPAQUE or of_its_kind is None else (*_missed(kind, name), *of_its_kind)
    if name in given or not hasattr(type(value), "__get__"):
        return tuple([(each, name, READ) for each in kind.__mro__[: kind.__mro__.index(owner) + 1]])
    if type(value) in _DESCRIPTORS or type(value).__module__ == "enum":  # the name and value of a member stay
        return ()
    return () if is_python(class_attribute(type(value), "__get__")[1]) else OPAQUE


def _missed(kind: type, name: str) -> tuple[tuple[Any, str, int], ...]:
    """Return the classes that could have an attribute which none of them has; nobody can give one to those in C."""
    return tuple([(each, name, READ) for each in kind.__mro__ if not each.__flags__ & WRITTEN_IN_C])


MADE_AT_RUN_TIME: Final = 1 << 9
"""In the flags of each class that can be given attributes (Py_TPFLAGS_HEAPTYPE), and of some that cannot."""
WRITTEN_IN_C: Final = 1 << 8
"""In the flags of classes to which nobody can give attributes (Py_TPFLAGS_IMMUTABLETYPE)."""


class _Pair(NamedTuple):
    one: int


_DESCRIPTORS: Final = frozenset(
    {type(vars(_Pair)["one"]), types.FunctionType, types.BuiltinFunctionType, types.MethodType, property,
     types.MethodDescriptorType, types.WrapperDescriptorType, types.ClassMethodDescriptorType, staticmethod,
     classmethod, types.GetSetDescriptorType, types.MemberDescriptorType, types.MethodWrapperType}
)  # fmt: skip


_OF_A_THREAD: Final = frozenset({"name", "daemon", "ident", "native_id"})
SYNC_MODULES: Final = frozenset(
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


def item(thing: Any, mode: int, method: str) -> Touched:
    """What reading, writing or deleting an item touches; `method` is what the type does it with."""
    kind = type(thing)
    if kind is list or kind is dict:  # nearly always
        return ((thing, CONTENT, mode),)
    if thing is UNKNOWN:
        return None
    thing = aliased(thing)
    kind = type(thing)
    if kind in _PROXIES or kind is Context:
        return OPAQUE
    if kind in IMMUTABLE or issubclass(type(thing), (type, types.GenericAlias)):
        return ()
    if kind in SELF_CHANGING and not mode:
        makes = thing.default_factory
        if makes is not None and (type(makes) is not type or makes not in _MADE_ANEW):
            called_back.add(makes)
            return OPAQUE  # its factory may be left in the middle, before the item is there
    found = class_attribute(kind, method)[1]
    if is_python(found):
        return ()
    touched = ((thing, CONTENT, WRITE if kind in SELF_CHANGING else mode),)
    if is_foreign(kind):
        return OPAQUE
    return Doubtful(touched) if type(found) is types.FunctionType else touched


def holds(kind: type, method: str) -> bool:
    """Tell whether a type is a container whose method is the built-in one: a list, or a subclass of list."""
    if kind in CONTAINERS:
        return True
    if CONTAINERS.isdisjoint(kind.__mro__):
        return False
    return type(class_attribute(kind, method)[1]) is not types.FunctionType


def read(thing: Any) -> Touched:
    """What looking at an object's content touches."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in ALIASES:
        return ((aliased(thing), CONTENT, READ),)
    if holds(kind, "__iter__"):
        return ((thing, CONTENT, READ),)
    if kind in ONE_SHOT:
        return ((thing, CONTENT, WRITE),)
    return OPAQUE if is_foreign(kind) else ()


def started(thing: Any) -> Touched:
    """What beginning to iterate touches: these remember how many items there are."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in _COUNTED or kind in VIEWS or kind in ONE_SHOT or kind is types.MappingProxyType:
        return ((aliased(thing), CONTENT, READ),)
    if kind is Context or is_foreign(kind):
        return OPAQUE  # who runs in it changes it by no access
    walk = class_attribute(kind, "__iter__")[1]
    is_seen = type(walk) is not types.FunctionType or is_python(walk) or is_settled(kind)
    return () if is_seen else Doubtful(((thing, CONTENT, READ),))


def iterated(thing: Any) -> Touched:
    """What one step of a `for` loop over an object touches."""
    touched = read(thing)
    if touched != () or not steps_in_c(type(thing)):
        return touched
    return of_file(thing) if is_file(thing) else ((thing, CONTENT, WRITE),)


def of_file(thing: Any) -> Touched:
    """What reading or writing a file touches."""
    return Doubtful(((thing, CONTENT, WRITE), (FILES, CONTENT, WRITE)))


def steps_in_c(kind: type) -> bool:
    """Tell whether asking an iterator of this type for its next item runs no Python code that could show it."""
    return type(class_attribute(kind, "__next__")[1]) in (types.WrapperDescriptorType, types.MethodDescriptorType)


def operand(thing: Any, mode: int) -> Touched:
    """What being the left operand touches: in-place operators write into mutable objects."""
    thing = aliased(thing)
    if CONTAINERS.isdisjoint(type(thing).__mro__):
        return ()
    touched = ((thing, CONTENT, mode),)
    return Doubtful(touched) if isinstance(thing, Counter) else touched  # it counts in Python, item by item


def changes(touched: Iterable[tuple[Any, str, int]]) -> bool:
    """Tell whether an access changes anything but how far a walk has come, which each has anew."""
    for thing, _, mode in touched:  # noqa: SIM110 - no generator: it is asked at each site
        if mode and type(thing) not in _ASKED_ANEW:
            return True
    return False


def is_python(value: Any) -> bool:
    """Tell whether a function's own accesses will show: it is Python code that is watched."""
    if type(value) is types.MethodType:
        value = value.__func__
    if type(value) is not types.FunctionType:
        return False
    return is_watched(value.__code__)


def is_watched(code: types.CodeType) -> bool:
    """Tell whether what code touches will show."""
    watch = policy.watch
    return watch is None or watch.is_watched(code.co_filename)
