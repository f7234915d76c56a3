"""Which objects an expression means right now, without running any code of the user's.

Only plain names, plain instance attributes, and items of exact built-in containers are followed;
everything else is `UNKNOWN`. No property, no `__getattr__` and no call is ever triggered.
"""

from __future__ import annotations

import ast
import builtins
import gc
import io
import types
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, Final

Locals = Any
Resolver = Callable[[Locals, dict[str, Any]], Any]


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
_INDEXED: Final = frozenset({list, tuple, dict})
_KEYS: Final = frozenset({int, str, bool, bytes})
_BUILTINS: Final = vars(builtins)
_DICTIONARIES: Final[tuple[Any, ...]] = ({}, OrderedDict())
VIEWS: Final[frozenset[type]] = frozenset(
    {type(view()) for kept in _DICTIONARIES for view in (kept.items, kept.keys, kept.values)}
)
ALIASES: Final[frozenset[type]] = frozenset(
    {*VIEWS, types.MappingProxyType, memoryview, type(io.BytesIO().getbuffer().obj)}
)
_VIEW_METHODS: Final = ("items", "keys", "values")
_LAZY: Final = ("enumerate", "zip", "reversed", "iter", "map", "filter", "list", "tuple", "sorted", "set")
_get: Final = object.__getattribute__
space_of: Final[Callable[[type], Any]] = type.__dict__["__dict__"].__get__
module_of: Final[Callable[[type], Any]] = type.__dict__["__module__"].__get__
mro_of: Final[Callable[[type], tuple[type, ...]]] = type.__dict__["__mro__"].__get__


def resolver(node: ast.AST | None, owner: str = "") -> Resolver | None:
    """Return a function (locals, globals) -> object for an expression, or None if it is not plain.

    Args:
        node: The expression.
        owner: Name of the class around it, for `__private` names.
    """
    match node:
        case ast.Name(id=name):
            return _name(name)
        case ast.Constant(value=value):
            return lambda _locals, _globals: value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return lambda _locals, _globals: -number
        case ast.Attribute(value=inner, attr=attr):
            base = resolver(inner, owner)
            return None if base is None else _attribute(base, mangle(attr, owner))
        case ast.Subscript(value=inner, slice=index):
            base, key = resolver(inner, owner), resolver(index, owner)
            return None if base is None or key is None else _item(base, key)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            first, second = resolver(left, owner), resolver(right, owner)
            return None if first is None or second is None else _whole(first, second, 1 if type(op) is ast.Add else -1)
    return None


def mangle(name: str, owner: str) -> str:
    """Return the name that a `__private` attribute really has."""
    if owner and name.startswith("__") and not name.endswith("__"):
        return f"_{owner.lstrip('_')}{name}"
    return name


def _name(name: str) -> Resolver:
    def resolve(space: Locals, outer: dict[str, Any]) -> Any:
        try:
            return space[name]
        except KeyError:
            value = outer.get(name, UNKNOWN)
            return _BUILTINS.get(name, UNKNOWN) if value is UNKNOWN else value

    return resolve


def _attribute(base: Resolver, attr: str) -> Resolver:
    def resolve(space: Locals, outer: dict[str, Any]) -> Any:
        found = base(space, outer)
        return found if found is UNKNOWN else plain_attribute(found, attr)

    return resolve


def _item(base: Resolver, key: Resolver) -> Resolver:
    def resolve(space: Locals, outer: dict[str, Any]) -> Any:
        container, index = base(space, outer), key(space, outer)
        if type(container) not in _INDEXED or type(index) not in _KEYS:
            return UNKNOWN
        try:
            return container[index]
        except (KeyError, IndexError, TypeError):
            return UNKNOWN

    return resolve


def _whole(first: Resolver, second: Resolver, sign: int) -> Resolver:
    """Return what finds the sum or difference of two whole numbers; of anything else code might run."""

    def resolve(space: Locals, outer: dict[str, Any]) -> Any:
        left, right = first(space, outer), second(space, outer)
        return left + sign * right if type(left) is type(right) is int else UNKNOWN

    return resolve


def instance_dict(thing: Any) -> dict[str, Any] | None:
    """Return an object's own `__dict__` without running any code of its class."""
    try:
        found = _get(thing, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def class_attribute(kind: type, attr: str) -> tuple[type | None, Any]:
    """Return (class, value) of an attribute as the method resolution order finds it."""
    for each in kind.__mro__:
        space = space_of(each)
        if attr in space:
            return each, space[attr]
    return None, UNKNOWN


def plain_attribute(thing: Any, attr: str) -> Any:
    """Return the value of a plain attribute, or `UNKNOWN` where code would have to run."""
    if issubclass(type(thing), types.ModuleType):  # isinstance would ask the object for its __class__
        return vars(thing).get(attr, UNKNOWN)
    kind = type(thing)
    if issubclass(kind, type):
        _, value = class_attribute(thing, attr)
        return value if _is_plain(value) else UNKNOWN
    _, value = class_attribute(kind, attr)
    if type(value) is types.MemberDescriptorType:
        try:
            return value.__get__(thing, kind)
        except AttributeError:
            return UNKNOWN
    if value is not UNKNOWN and hasattr(type(value), "__set__"):
        return UNKNOWN
    own = instance_dict(thing)
    if own is not None and attr in own:
        return own[attr]
    return value if _is_plain(value) else UNKNOWN


def _is_plain(value: Any) -> bool:
    return not hasattr(type(value), "__get__")


def _shown(view: Any) -> Any:
    return next(each for each in gc.get_referents(view) if not isinstance(each, type))


def aliased(thing: Any) -> Any:
    """Return the object whose content shows through a view of it; the object itself where it is none."""
    while type(thing) in ALIASES:
        try:
            thing = thing.obj if type(thing) is memoryview else _shown(thing)
        except (ValueError, StopIteration):  # a view that was given back
            break
    return thing


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
