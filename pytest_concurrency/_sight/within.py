"""What can change within an object, at any depth, and what is touched by whoever compares it or asks for its words."""

from __future__ import annotations

import re
import types
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import READ, WRITE, Controlled
from pytest_concurrency._sight import effects
from pytest_concurrency._sight.effects import CONTAINERS, CONTENT, IMMUTABLE, ONE_SHOT
from pytest_concurrency._sight.known import fields_of, is_foreign, is_frozen, is_generated, is_settled, words_of
from pytest_concurrency._sight.resolve import ALIASES, UNKNOWN, aliased, class_attribute, plain_attribute
from pytest_concurrency._sight.site import OPAQUE, Doubtful, Lasting, Stepwise, Touched

if TYPE_CHECKING:
    from collections.abc import Iterable

BOUND: Final = frozenset({types.BuiltinFunctionType, types.MethodWrapperType})
WHOLE: Final = IMMUTABLE - {tuple, frozenset, slice} - BOUND | {types.ModuleType}
"""Types of objects without parts that could change."""
_WORDLESS: Final = WHOLE - {types.MethodType}
"""Types of objects whose words are always the same: those of a method have the words of its object in them."""
_COMPARED_PLAINLY: Final = IMMUTABLE | CONTAINERS | ALIASES | {object, re.Pattern, types.UnionType}
"""Whose comparison in C looks at no more than the parts that are looked at, or at nothing that could change."""
_VALUES: Final[type] = type({}.values())
_ITEMS: Final[frozenset[type]] = frozenset({type({}.items()), type(OrderedDict().items())})
_MOST: Final = 1000
"""So many objects within one are looked at; of a larger one nothing is proved."""
_ASKED_OF_FIELDS: Final = ("__eq__", "__lt__", "__hash__", "__repr__")
_ITERATED: Final[tuple[tuple[type, Any], ...]] = (
    (list, list.__iter__), (tuple, tuple.__iter__), (set, set.__iter__), (frozenset, frozenset.__iter__),
    (deque, deque.__iter__),
)  # fmt: skip


class Within:
    """What can change within an object, itself included.

    Attributes:
        containers: Containers at any depth, each once.
        others: Objects at any depth that are neither containers nor without parts that change, nor dataclasses.
        is_whole: Whether that is all.
        in_steps: So many of the objects are dataclasses: code that is not watched looks at one field after the other.
        is_repeated: Whether one of the objects is in it twice.
    """

    def __init__(self, thing: Any, whole: frozenset[type] = WHOLE) -> None:
        self.containers: list[Any] = []
        self.others: list[Any] = []
        self.is_whole = True
        self.in_steps = 0
        self.is_repeated = False
        self._attributes: list[tuple[Any, str]] = []
        self._changed: set[int] = set()  # containers of which it holds a method that changes them
        self._look(thing, whole)

    def _look(self, thing: Any, whole: frozenset[type]) -> None:
        seen, todo = set[int](), [aliased(thing)]
        while todo:
            each = todo.pop()
            if id(each) in seen:
                self.is_repeated |= type(each) not in WHOLE
                continue
            if len(seen) >= _MOST:
                self.is_whole = False
                return
            seen.add(id(each))
            parts = None if type(each) in whole else _parts(each, whole)
            if type(each) in BOUND and each.__name__ not in effects.READERS:
                self._changed.add(id(aliased(each.__self__)))
            is_error = issubclass(type(each), BaseException)
            names = words_of(type(each)) if is_error else _fields(type(each))
            self.in_steps += bool(names) and not is_error
            self._attributes += [(each, name) for name in names]
            if not CONTAINERS.isdisjoint(type(each).__mro__):
                self.containers.append(each)
            elif parts is None and type(each) not in whole and not is_settled(type(each)):
                self.others.append(each)
            todo += [aliased(part) for part in parts or ()]

    @property
    def can_change(self) -> bool:
        """Whether anything in it can change, as far as is known."""
        return bool(self.containers or self.others or self._attributes) or not self.is_whole

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing in it but containers of the language, and what has no parts."""
        of = CONTAINERS | {tuple, frozenset, slice}
        return not self.others and not self._attributes and of.issuperset(map(type, self.containers))

    def reads(self) -> tuple[tuple[Any, str, int], ...]:
        """Return the accesses of whoever reads all of it, and calls what can be called."""
        told = [(each, name, READ) for each, name in self._attributes]
        return (*told, *[(each, CONTENT, WRITE if id(each) in self._changed else READ) for each in self.containers])


def _parts(thing: Any, whole: frozenset[type]) -> list[Any] | None:
    """Return the objects in a container that have parts themselves, without running code of its own; else None."""
    kind = type(thing)
    if kind in BOUND or kind is types.MethodType:  # `key=rows.__getitem__`
        return [thing.__self__]
    if kind is slice:
        return [thing.start, thing.stop, thing.step]
    if issubclass(type(thing), BaseException):
        found = list(BaseException.__dict__["args"].__get__(thing))
    elif names := _fields(type(thing)):
        found = [plain_attribute(thing, name) for name in names]
    elif isinstance(thing, dict):
        found = [*dict.keys(thing), *dict.values(thing)]
    else:
        walk = next((walk for kind, walk in _ITERATED if issubclass(type(thing), kind)), None)
        if walk is None:
            return None
        found = list(walk(thing))
    return found if not whole.issuperset(map(type, found)) else []


def _fields(kind: type) -> tuple[str, ...]:
    """Return the fields of a dataclass whose methods look at nothing else that is not seen."""
    names = fields_of(kind)
    asked = [class_attribute(kind, name)[1] for name in _ASKED_OF_FIELDS] if names else []
    written = [each for each in asked if type(each) is types.FunctionType]
    return names if all(is_generated(each) or effects.is_python(each) for each in written) else ()


def compares_unseen(thing: Any) -> bool:
    """Tell whether an operator on an object looks at what can change where nobody sees it."""
    kind = type(thing)
    if kind in IMMUTABLE or kind in CONTAINERS:
        return False
    if is_foreign(kind):
        return True
    method = class_attribute(kind, "__eq__")[1]
    if type(method) is types.FunctionType:
        return not effects.is_python(method) and not is_settled(kind) and not _fields(kind)
    return type(method) is types.WrapperDescriptorType and not (
        method.__objclass__ in _COMPARED_PLAINLY or is_settled(kind)
    )


def compared(thing: Any) -> Touched:
    """What comparing an object with another touches."""
    if thing is UNKNOWN:
        return None
    if type(thing) in WHOLE:
        return ()
    within = Within(thing)
    if any(map(compares_unseen, within.others)):
        return OPAQUE
    asked = [class_attribute(type(each), "__eq__")[1] for each in within.others if each is not thing]
    runs = any(map(effects.is_python, asked))
    if not within.is_whole:
        return Doubtful(within.reads())
    if within.in_steps and not (within.containers or within.in_steps > 1):
        return (Lasting if runs else Stepwise)(within.reads())
    return (Lasting if runs or within.in_steps else tuple)(within.reads())  # `<` looks twice at what is within


def keyed(thing: Any, key: Any) -> Touched:
    """What finding a key in a dictionary or set touches, beside its content: the hashes and comparisons of both."""
    if _is_steady(key):
        return ()
    return each_compared([key, *(each for each in _keys(thing) if not _is_steady(each))])


def _is_steady(key: Any) -> bool:
    """Tell whether a key is always equal to the same others: a frozen dataclass has only such fields, or no hash."""
    kind = type(key)
    if kind in WHOLE or key is UNKNOWN:
        return key is not UNKNOWN
    if kind is tuple:
        return all(map(_is_steady, key))
    if class_attribute(kind, "__eq__")[1] is object.__eq__:
        return class_attribute(kind, "__hash__")[1] is object.__hash__
    fields = _fields(kind) if is_frozen(kind) else ()
    return bool(fields) and all(_is_steady(plain_attribute(key, name)) for name in fields)


def keys_hashed(things: Iterable[Any]) -> Touched:
    """What putting the items or keys of each of these into a set or dictionary touches: their hashes, comparisons."""
    keys = [key for each in things for key in _keys(each)]
    if WHOLE.issuperset(map(type, keys)):
        return ()
    moving = [each for each in keys if not _is_steady(each)]
    asked = [class_attribute(type(each), name)[1] for each in moving for name in ("__eq__", "__hash__")]
    runs = any(map(effects.is_python, asked))  # code of the user's, in the midst of it
    return together([Lasting() if runs else (), each_compared(moving)])


def hashed(keys: list[Any]) -> Touched:
    """What putting each of these into a new set or dictionary touches."""
    return each_compared([each for each in keys if not _is_steady(each)])


def _keys(thing: Any) -> list[Any]:
    kind, shown = type(thing), aliased(thing)
    if issubclass(type(shown), dict):
        return list(dict.items(shown) if kind in _ITEMS else dict.keys(shown))
    walk = next((walk for each, walk in _ITERATED if issubclass(kind, each)), None)
    return [] if walk is None else list(walk(thing))


def each_compared(things: Iterable[Any]) -> Touched:
    """What comparing each of these with others, or looking into each of their items, touches."""
    return _again(together([compared(each) for each in things]))


def _again(touched: Touched) -> Touched:
    """What is touched by whoever looks at the same more than once."""
    return Lasting(touched or ()) if type(touched) is Stepwise else touched


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


def signed(thing: Any) -> Touched:
    """What `-x`, `+x` and `~x` touch."""
    if thing is UNKNOWN:
        return None
    kind = type(thing)
    if kind in IMMUTABLE:
        return ()
    if is_foreign(kind):
        return OPAQUE
    methods = [class_attribute(kind, name)[1] for name in ("__neg__", "__pos__", "__invert__")]
    unseen = [each for each in methods if type(each) is types.FunctionType and not effects.is_python(each)]
    return Doubtful(((thing, CONTENT, READ),)) if unseen else ()


def each_tested(things: Iterable[Any]) -> Touched:
    """What asking whether something in one of these is true touches."""
    return together([tested(each) for thing in things for each in Within(thing).others])


def told(thing: Any) -> Touched:
    """What asking an object for its words touches: of what it holds too; the code that finds them is not watched."""
    if thing is UNKNOWN:
        return None
    if type(thing) in _WORDLESS:
        return ()
    within = Within(thing, _WORDLESS)
    if not within.is_whole or any(not _has_plain_words(each) for each in within.others):
        return OPAQUE
    touched = (*within.reads(), *((each, CONTENT, READ) for each in within.others if type(each) in ONE_SHOT))
    return (Lasting if within.is_repeated else Stepwise)(touched) if within.in_steps else touched


def _has_plain_words(thing: Any) -> bool:
    kind = type(thing)
    return kind in WHOLE or kind in ONE_SHOT or issubclass(kind, (type, BaseException)) or is_settled(kind)


def looked_in(thing: Any, asked: Any) -> Touched:
    """What looking in an object for another touches."""
    if type(asked) in WHOLE:
        return _asked(thing)
    if issubclass(type(thing), (dict, set, frozenset)):
        return together([_asked(thing), keyed(thing, asked)])
    walks = any(issubclass(type(thing), kind) for kind, _ in _ITERATED) or type(thing) is _VALUES
    return _again(together([compared(asked), compared(thing) if walks else _asked(thing)]))


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
    is_known = True
    for each in found:  # `OPAQUE in found` would compare what is touched, by code of the user's
        if each is OPAQUE:
            return OPAQUE
        is_known = is_known and each is not None
    if not is_known:
        return None
    kinds = set(map(type, found))
    touched = [access for each in found for access in each or ()]
    if Stepwise in kinds and len({(id(thing), part) for thing, part, _ in touched}) < len(touched):
        kinds.add(Lasting)
    return next((kind for kind in (Doubtful, Lasting, Stepwise) if kind in kinds), tuple)(touched)


def joined(touched: Touched, more: list[Touched]) -> Touched:
    """Return what is touched in all; as `together`, and quick where all is known."""
    for each in (touched, *more):
        if type(each) is not tuple or each is OPAQUE:
            return together([touched, *more])
    return tuple([access for each in (touched, *more) for access in each or ()])


def doubtful(found: Touched) -> Touched:
    """What is touched as far as is known; of what is not, nothing more is known."""
    return found if found is None or found is OPAQUE else Doubtful(found)
