"""What holds values, found from something on, and how that is read and written."""

from __future__ import annotations

import array
import collections
import functools
import operator
import sys
import threading
from abc import ABC
from dataclasses import dataclass
from types import CellType, FunctionType, MemberDescriptorType, MethodType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol

from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._explore import further
from pytest_concurrency._explore.at_hand import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_concurrency._sight.named_modules import NamedModules
    from pytest_concurrency._sight.watching import Watch

Items = list[tuple[Any, Any]]
"""What something holds, by name, key or position."""

MOST: Final = 5_000  # things that are looked at
LONG: Final = MOST  # of what is longer, the parts are not looked into
_ATOMS: Final = frozenset({int, float, str, bool, bytes, complex, type(None)})
_MAPPINGS: Final = frozenset({dict, collections.defaultdict, collections.OrderedDict, collections.Counter})
_SEQUENCES: Final = frozenset({list, bytearray, collections.deque, array.array})
_CONTAINERS: Final = _MAPPINGS | _SEQUENCES | {set}
_ITERATORS: Final = frozenset(map(type, (iter([]), iter(()), iter(""), iter(b""), iter(range(0)), reversed([]))))
_BASES: Final = frozenset({object, ABC, Generic, Protocol}) | _CONTAINERS


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that holds values, and what it held.

    Attributes:
        thing: What it is.
        name: What a report calls it; with a dot at its end where the names in it belong there.
        read: Returns what it holds.
        write: Lets it hold other things, given what it holds and what it is to hold.
        held: What it held.
    """

    thing: Any
    name: str
    read: Callable[[], Items]
    write: Callable[[Items, Items], None]
    held: Items

    def changed(self) -> Iterator[str]:
        """Yield the names of what it holds otherwise now."""
        now = self.read()
        if _is_same(self.held, now):
            return
        if not self.has_names:
            yield self.name
            return
        before, after = dict(self.held), dict(now)
        for name in {**after, **before}:
            if not (name in before and name in after and _is_equal(before[name], after[name])):
                yield self.called(name)

    @property
    def has_names(self) -> bool:
        """Whether what it holds has names of its own."""
        return self.name.endswith(".")

    def called(self, key: Any) -> str:
        """Return what a report calls something that it holds."""
        return f"{self.name}{key}" if self.has_names else self.name

    def give_back(self) -> None:
        """Let it hold again what it held."""
        now = self.read()
        if not _is_same(self.held, now):
            self.write(now, self.held)


class Walk:
    """Finds what holds values, from a scenario on, the nearest first.

    Args:
        watch: Whose code is looked at.
        watched: The modules whose globals and classes are.
        to_modules: Whether what is met leads on to its module.
        goes_further: Whether objects of other classes than the user's are looked into, too.

    Attributes:
        classes: Those of the user's that it has met, or objects of them.
    """

    def __init__(
        self, watch: Watch, watched: NamedModules, *, to_modules: bool = True, goes_further: bool = False
    ) -> None:
        self._watch = watch
        self._goes_further = goes_further
        self._to_modules = to_modules
        self._watched = watched
        self.classes: set[type] = set()
        self._leads_home = False
        self._seen: dict[int, Any] = {}
        self._next: collections.deque[tuple[str, Any]] = collections.deque()

    def holders(self, scenario: Callable[[], Any]) -> Iterator[Holder]:
        self._next.append(("", scenario))
        yield from self._found()
        # Fixtures lie where nobody names them; what leads to no module may be about any, but hardly about its classes.
        near = self.classes if self._leads_home else set(self.classes)
        self._go_to(self._watched.with_fixtures() if self._leads_home else self._watched)
        yield from self._found()
        self.classes = near

    def reached(self, things: Iterable[Any]) -> dict[int, Any]:
        """Return whatever there is, from some things on, by its number."""
        self._next.extend(("", each) for each in things)
        collections.deque(self._found(), maxlen=0)
        return self._seen

    def _found(self) -> Iterator[Holder]:
        while self._next and len(self._seen) < MOST:
            name, thing = self._next.popleft()
            if type(thing) in _ATOMS or id(thing) in self._seen:
                continue
            self._seen[id(thing)] = thing
            self._next.extend(self._parts(name, thing))
            if self._goes_further:
                self._next.extend(("", each) for each in further.parts(thing, self._watch))
            for each in self._held_by(name, thing):
                yield each
                if len(each.held) < LONG:
                    found = ((key, value) for key, value in each.held if type(value) not in _ATOMS)
                    self._next.extend((each.called(key), value) for key, value in found)

    def _go_to(self, modules: Iterable[ModuleType]) -> None:
        if not self._to_modules:
            return
        self._next.extend((module.__name__, module) for module in modules)

    def _parts(self, name: str, thing: Any) -> Iterator[tuple[str, Any]]:
        """Yield what belongs to something that never holds anything else, and queue the modules that it leads to."""
        if type(thing) is tuple:
            yield from ((name, each) for each in thing[:LONG])
        elif type(thing) is MethodType:
            yield from ((name or "self", thing.__self__), (name, thing.__func__))
        elif type(thing) is functools.partial:
            yield from ((name, each) for each in (thing.func, *thing.args))
            yield from ((name or key, each) for key, each in thing.keywords.items())
        elif type(thing) is FunctionType:
            yield from ((name, each) for each in (thing.__defaults__, getattr(thing, "__wrapped__", None)))
            if self._watch.is_watched(thing.__code__.co_filename):
                yield from zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True)
        if ModuleType in type(thing).__mro__:
            self._go_to(self._watched.named_by(thing) if thing.__name__ in self._watched else ())
        elif (home := self._watched.get(_module_of(thing))) is not None:
            if type(thing) is not FunctionType:
                self.classes.add(thing if type in type(thing).__mro__ else type(thing))
            self._leads_home = True
            self._go_to((home,))

    def _held_by(self, name: str, thing: Any) -> Iterator[Holder]:
        """Yield for each way in which something holds values how they are read and written."""
        kind = type(thing)
        base: Any = next((each for each in kind.__mro__ if each in _CONTAINERS), None)
        if base in _MAPPINGS:
            yield _holder(thing, name, lambda: list(base.items(thing)), functools.partial(_fill_mapping, base, thing))
        elif base in _SEQUENCES:
            yield _holder(
                thing,
                name,
                lambda: list(enumerate(base.__iter__(thing))),
                functools.partial(_fill_sequence, base, thing),
            )
        elif base is set:
            yield _holder(thing, name, functools.partial(_members, thing), functools.partial(_fill_set, thing))
        elif kind in _ITERATORS:
            yield _holder(thing, name, lambda: [("", operator.length_hint(thing))], _leave)
        elif Resource in kind.__mro__:  # what it holds is the run's, but somebody else may have it at hand
            yield _holder(thing, name, list, _leave)
        elif _is_memory(kind):
            yield _holder(thing, name, functools.partial(_memory, thing), functools.partial(_fill_memory, thing))
        elif kind is FunctionType and self._watch.is_watched(thing.__code__.co_filename):
            yield _holder(thing, f"{name}.", lambda: _names(vars(thing)), functools.partial(_bind_names, vars(thing)))
        elif kind is CellType:
            yield _holder(thing, name, functools.partial(_content, thing), functools.partial(_fill_cell, thing))
        elif ModuleType in kind.__mro__:
            names = vars(thing) if thing.__name__ in self._watched else {}
            yield _holder(thing, f"{name}.", lambda: _names(names), functools.partial(_bind_names, names))
        elif type in kind.__mro__ and vars(thing).get("__module__") in self._watched:
            yield _holder(thing, f"{name}.", lambda: _names(vars(thing)), functools.partial(_bind_attributes, thing))
        if base is not kind and (kind is SimpleNamespace or self._is_plain(kind)):
            yield from _attributes(f"{name}.", thing)

    def _is_plain(self, kind: type) -> bool:
        """Tell whether objects of a class have no more to them than their attributes."""
        modules = (vars(each).get("__module__") for each in kind.__mro__ if each not in _BASES)
        return threading.Thread not in kind.__mro__ and all(
            each in self._watched or each in LIBRARY for each in modules
        )


def _module_of(thing: Any) -> object:
    """Return the name of the module in which a function, a class or an object's class was defined."""
    if type(thing) is FunctionType:
        return thing.__globals__.get("__name__")
    return vars(thing if type in type(thing).__mro__ else type(thing)).get("__module__")


def _holder(thing: Any, name: str, read: Callable[[], Items], write: Callable[[Items, Items], None]) -> Holder:
    return Holder(thing, name, read, write, read())


def _attributes(name: str, thing: Any) -> Iterator[Holder]:
    """Yield what holds the attributes of an object: its dictionary, and its slots."""
    try:
        names = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        names = None
    if type(names) is dict:
        yield _holder(thing, name, lambda: list(names.items()), functools.partial(_bind_names, names))
    for kind in type(thing).__mro__:
        for key, slot in vars(kind).items():
            if type(slot) is MemberDescriptorType:
                read, write = functools.partial(_slot, slot, key, thing), functools.partial(_fill_slot, slot, thing)
                yield _holder(thing, name, read, write)


# -- how each of them is read and written


def _names(space: Any) -> Items:
    return [
        (name, value)
        for name, value in list(space.items())
        if not name.startswith("__") and ModuleType not in type(value).__mro__
    ]


def _bind_names(space: dict[str, Any], now: Items, then: Items) -> None:
    for name in {name for name, _ in now} - {name for name, _ in then}:
        del space[name]
    space.update(then)


def _bind_attributes(thing: type, now: Items, then: Items) -> None:
    before = dict(now)
    for name in before.keys() - {name for name, _ in then}:
        type.__delattr__(thing, name)
    for name, value in then:
        if before.get(name, before) is not value:
            type.__setattr__(thing, name, value)


def _fill_mapping(base: Any, thing: Any, _now: Items, then: Items) -> None:
    base.clear(thing)
    fill = dict.update if base is collections.Counter else base.update
    fill(thing, then)


def _fill_sequence(base: Any, thing: Any, _now: Items, then: Items) -> None:
    if base is array.array:
        base.__delitem__(thing, slice(None))
    else:
        base.clear(thing)
    base.extend(thing, [value for _, value in then])


def _leave(_now: Items, _then: Items) -> None:
    """Do nothing: what has come out of an iterator is gone."""


def _is_memory(kind: type) -> bool:
    """Tell whether something is a number, an array or a structure of ctypes."""
    ctypes: Any = sys.modules.get("ctypes")
    return ctypes is not None and issubclass(kind, (ctypes._SimpleCData, ctypes.Array, ctypes.Structure))


def _memory(thing: Any) -> Items:
    """Return the bytes; nothing where there are pointers to objects among them."""
    ctypes: Any = sys.modules["ctypes"]
    return [] if thing._objects else [("", ctypes.string_at(ctypes.addressof(thing), ctypes.sizeof(thing)))]


def _fill_memory(thing: Any, now: Items, then: Items) -> None:
    if now and then:
        ctypes: Any = sys.modules["ctypes"]
        ctypes.memmove(ctypes.addressof(thing), then[0][1], len(then[0][1]))


def _members(thing: set[Any]) -> Items:
    return sorted(((id(each), each) for each in set.__iter__(thing)), key=lambda pair: pair[0])


def _fill_set(thing: set[Any], _now: Items, then: Items) -> None:
    set.clear(thing)
    set.update(thing, [value for _, value in then])


def _content(cell: CellType) -> Items:
    try:
        return [("", cell.cell_contents)]
    except ValueError:
        return []


def _fill_cell(cell: CellType, _now: Items, then: Items) -> None:
    if then:
        cell.cell_contents = then[0][1]
    else:
        del cell.cell_contents


def _slot(slot: MemberDescriptorType, key: str, thing: Any) -> Items:
    try:
        return [(key, slot.__get__(thing))]
    except AttributeError:
        return []


def _fill_slot(slot: MemberDescriptorType, thing: Any, _now: Items, then: Items) -> None:
    if then:
        slot.__set__(thing, then[0][1])
    else:
        slot.__delete__(thing)


def _is_same(one: Items, other: Items) -> bool:
    if len(one) != len(other):
        return False
    for (a, c), (b, d) in zip(one, other, strict=True):
        if not ((c is d or _is_equal(c, d)) and (a is b or _is_equal(a, b))):
            return False
    return True


def _is_equal(one: Any, other: Any) -> bool:
    """Tell whether two are the same; the `==` of the user's classes is not asked."""
    return one is other or (type(one) is type(other) and type(one) in _ATOMS and bool(one == other))
