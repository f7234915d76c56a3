"""What is known of modules of the standard library: whose functions and objects touch nothing that others can see."""

from __future__ import annotations

import bisect
import builtins
import functools
import heapq
import io
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Context
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._sight.resolve import VIEWS, module_of, mro_of, plain_attribute, space_of
from pytest_concurrency._sight.watching import OTHER, policy

if TYPE_CHECKING:
    from pytest_concurrency._sight.watching import Watch

_QUIET_MODULES: Final = frozenset(
    {"logging", "warnings", "math", "cmath", "_operator", "time", "_thread", "typing", "contextlib", "gevent"}
)
"""Their functions touch only what they are given; handlers of logs are left alone by the engine."""
_QUIET_ONLY: Final = {
    "logging": frozenset(
        {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "_log", "isEnabledFor",
         "getLogger", "getChild", "getEffectiveLevel", "hasHandlers", "getLevelName", "makeRecord", "getMessage",
         "format", "formatMessage", "formatTime", "formatException", "formatStack", "process", "filter", "handle",
         "emit", "flush", "__init__"}
    ),
    "warnings": frozenset({"warn", "warn_explicit", "formatwarning"}),
    "_thread": frozenset(
        {"get_ident", "get_native_id", "allocate_lock", "allocate", "RLock", "start_new_thread", "start_new", "exit"}
    ),
    "gevent": frozenset({"sleep"}),
    "typing": frozenset({"cast", "assert_type", "assert_never", "get_origin", "get_args", "overload", "final"}),
}  # fmt: skip
"""Of these modules only: the others change how things are told, for everybody, and where others can look."""
_SETTLED: Final = frozenset(
    {"pathlib", "uuid", "fractions", "ipaddress", "datetime", "decimal", "_pydatetime", "_pydecimal", "zoneinfo"}
)
"""Modules whose objects never change, though Python code compares them and finds their attributes."""
_OF_WHAT_IS_GIVEN: Final = frozenset(
    {"json", "uuid", "re", "copy", "posixpath", "ntpath", "fractions", "datetime", "textwrap", "string", "base64",
     "html", "urllib.parse", "shlex", "ipaddress", "fnmatch", "colorsys", "statistics", "pathlib", "enum", "numbers"}
)  # fmt: skip
"""Modules whose functions work on what they are given: where that cannot change, nobody can tell when they do."""
_FILES: Final = (io.FileIO, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)
ASKED_UNSEEN: Final = frozenset({Context, type(Context().flags)})
"""Each computation with numbers of `decimal` asks and changes their objects."""
_OF_THE_WORLD: Final = frozenset(
    {"exists", "lexists", "isfile", "isdir", "islink", "ismount", "isjunction", "isdevdrive", "realpath", "abspath",
     "relpath", "expanduser", "expandvars", "samefile", "sameopenfile", "getsize", "getmtime", "getatime", "getctime"}
)  # fmt: skip
"""But for these, which ask for files, the folder that one is in, or the environment."""
_QUIET_MANAGERS: Final = frozenset({"contextlib", "tempfile", "decimal", "_pytest"})
"""Their managers touch only themselves."""
CHANGERS: Final = ("_RedirectStream.", "chdir.")
"""But for these, which change what all threads share."""
_OF_TUPLES: Final = frozenset({"_replace", "_asdict", "_make"})


QUIET: Final = frozenset(
    {isinstance, issubclass, type, id, callable, range, slice, int, float, complex, bool, abs, round, divmod, pow, chr,
     ord, hex, oct, bin, object, super, property, staticmethod, classmethod}
)  # fmt: skip
"""They look at no content that could change."""
WALK: Final = frozenset(
    {"extend", "extendleft", "update", "sort", "intersection_update", "difference_update",
     "symmetric_difference_update", "__iadd__", "__ior__"}
)  # fmt: skip
"""Methods of containers that change them item by item, and may run the code that gives the items in between."""
HAND_ON: Final = frozenset(
    {"callback", "push", "enter_context", "push_async_callback", "push_async_exit", "enter_async_context"}
)
LOOKS: Final = frozenset(
    {len, list, tuple, dict, set, frozenset, sum, sorted, min, max, any, all, enumerate, zip, map, filter, reversed,
     iter, next, bytes, bytearray, deque, Counter, OrderedDict, defaultdict}
)  # fmt: skip
"""They look at the content of what they are given, or walk over it."""
LOOKS_INSIDE: Final = frozenset({dict, sum, sorted, min, max, any, all, OrderedDict, defaultdict})
"""Of these they also look into each item."""
COMPARES: Final = frozenset(
    {"count", "index", "remove", "sort", "update", "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__",
     "__ge__"}
)  # fmt: skip
"""Methods of containers that look into their items, or into those of what they are given."""
TEXTS: Final = frozenset({str, repr, ascii, format, print, hash})
"""They ask each object for its own words."""
OF_SETS: Final = frozenset(
    {"update", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint",
     "intersection_update", "difference_update", "symmetric_difference_update", "__or__", "__and__", "__sub__",
     "__xor__", "__ior__", "__iand__", "__isub__", "__ixor__", "__ror__", "__rand__", "__rsub__", "__rxor__"}
)  # fmt: skip
"""Methods of sets, dictionaries and their views that put the keys of several together."""
WORDS: Final = frozenset({"__repr__", "__str__", "__format__", "__hash__"})
ORDERS: Final = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})
CLOSING: Final = frozenset(
    {io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair}
)
"""They close what they were given as soon as nobody has them any more."""
NUMBERS: Final = frozenset({int, float, complex})
"""They also read digits from bytes that can change."""
OF_LISTS: Final = frozenset(
    {heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace, heapq.heappushpop, bisect.bisect_left,
     bisect.bisect_right, bisect.insort_left, bisect.insort_right}
)  # fmt: skip


def is_file(thing: Any) -> bool:
    """Tell whether an object is an open file, which may be the same as another; what is printed is told apart."""
    return issubclass(type(thing), _FILES) and thing is not sys.stdout and thing is not sys.stderr


def is_known_quiet(module: str, name: str) -> bool:
    """Tell whether a function touches only what it is given, and in one step."""
    return module in _QUIET_MODULES and name in _QUIET_ONLY.get(module, (name,))


def is_of_what_is_given(function: Any) -> bool:
    """Tell whether a function only works on what it is given, however many steps that takes."""
    module, name = function.__globals__.get("__name__") or "", function.__name__
    if module == "collections":
        return name in _OF_TUPLES
    package = module.partition(".")[0]
    if package == "pathlib" and name != "__init__" and not function.__qualname__.startswith("PurePath."):
        return False
    return not _OF_WHAT_IS_GIVEN.isdisjoint((package, module)) and name not in _OF_THE_WORLD


def is_quiet_manager(method: Any) -> bool:
    """Tell whether a method of a context manager touches only that."""
    quiet = (method.__module__ or "").partition(".")[0] in _QUIET_MANAGERS
    return quiet and not method.__qualname__.startswith(CHANGERS)


def fields_of(kind: type) -> tuple[str, ...]:
    """Return the fields of a dataclass."""
    fields = plain_attribute(kind, "__dataclass_fields__")
    return tuple(fields) if type(fields) is dict else ()


def is_frozen(kind: type) -> bool:
    """Tell whether a type is a dataclass whose fields stay as they are."""
    return bool(plain_attribute(plain_attribute(kind, "__dataclass_params__"), "frozen") is True)


def is_generated(method: Any) -> bool:
    """Tell whether a method of a dataclass is one that `dataclasses` wrote: it looks at the fields."""
    inner = getattr(method, "__wrapped__", method)
    return type(inner) is types.FunctionType and inner.__code__.co_filename == "<string>"


def words_of(kind: type) -> tuple[str, ...]:
    """Return the attributes that the words of an error of a type are made of."""
    kept = [each for base in kind.__mro__ for each in vars(base).items()]
    return ("args", *(name for name, one in kept if type(one) is types.MemberDescriptorType and name[0] != "_"))


def is_settled(kind: type) -> bool:
    """Tell whether objects of a type never change."""
    return kind not in ASKED_UNSEEN and kind.__module__.partition(".")[0] in _SETTLED


_OF_NUMBERS: Final = (
    "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor",
)  # fmt: skip
_OPERATORS: Final = (
    *(f"__{how}{name}__" for name in _OF_NUMBERS for how in ("", "r", "i")),
    *(f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "invert", "abs")),
)
_OURS: Final = sys.stdlib_module_names | {"pytest_concurrency"}
_TYPES: Final = (each for space in (builtins, types) for each in vars(space).values() if isinstance(each, type))
_OF_PYTHON: Final = frozenset(map(id, (*_TYPES, *VIEWS)))
"""Of types, which are asked for as they are: a metaclass has a hash of its own."""


def is_foreign(kind: type) -> bool:
    """Tell whether operators on objects of a type are code of an installed package, that nobody watches: arrays, say.

    One with a constant, as `table == 0`, is no access, and what they show may be in an object that others have. So
    nothing is proved of who changes such an object, or looks at it.
    """
    return any(map(_is_installed, mro_of(kind)))


def _is_installed(kind: type) -> bool:
    if id(kind) in _OF_PYTHON or policy.watch is None:
        return False
    module = module_of(kind)
    if type(module) is str and _is_ours(module, policy.watch):
        return False
    own = space_of(kind)
    return any(name in own and not _is_of_the_users(own[name]) for name in _OPERATORS)


@functools.lru_cache(maxsize=1024)
def _is_ours(module: str, watch: Watch) -> bool:
    """Tell whether the module that a type names is none of a package; some in C say that they are built in."""
    if module == "builtins":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    return module.partition(".")[0] in _OURS or (type(file) is str and watch.is_watched(file))


def _is_of_the_users(method: Any) -> bool:
    """Tell whether it is no code of a package: watched, or written for a class of the user's, as `dataclasses` does."""
    code = getattr(method, "__code__", None)
    if code is None:
        return method is None
    return code.co_filename.startswith("<") or policy.watch is None or policy.watch.kind(code.co_filename) is not OTHER
