"""Clocks that code holds under names of its own, bound before doubles were in place: `from time import sleep`.

Names of modules, attributes of classes and defaults of functions are looked at, once for each module.
"""

from __future__ import annotations

import sys
import time
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_concurrency._machine.patches import Patches

REAL: Final = frozenset(
    {
        "asyncio", "multiprocessing", "selectors", "socketserver", "subprocess",  # they measure waits for the world
        "queue", "threading", "time",  # replaced where they are
        "_pytest", "coverage", "execnet", "hypothesis", "pluggy", "pytest", "pytest_concurrency",
        "pytest_timeout", "xdist",
        "eventlet", "freezegun", "gevent", "time_machine",  # they keep the originals for their own purposes
    }
)  # fmt: skip
"""Packages that keep the real clocks."""


class Spot(NamedTuple):
    """Where a clock is bound.

    Attributes:
        owner: The namespace of a module, a class, or a function, whose defaults are meant.
        name: The name there; "__defaults__" or "__kwdefaults__" of a function.
    """

    owner: Any
    name: str


class _Known:
    """Where modules have bound clocks, as far as they have been looked at."""

    def __init__(self) -> None:
        self.spots: WeakKeyDictionary[ModuleType, tuple[Spot, ...]] = WeakKeyDictionary()


known = _Known()


def rebind(patches: Patches, swap: Mapping[int, Any]) -> None:
    """Replace clocks wherever loaded modules have bound them.

    Args:
        patches: Knows how to put them back.
        swap: What stands in for each, by the `id` of the original.
    """
    for name, module in list(sys.modules.items()):
        if ModuleType not in type(module).__mro__ or name.partition(".")[0] in REAL:
            continue
        spots = known.spots.get(module)
        if spots is None:
            spots = known.spots[module] = tuple(_spots(module, swap))
        for spot in spots:
            _replace(patches, spot, swap)


def _spots(module: ModuleType, swap: Mapping[int, Any]) -> Iterator[Spot]:
    space = vars(module)
    if swap.keys().isdisjoint(map(id, space.values())) and not any(each is time for each in space.values()):
        return  # most of them
    for name, value in list(space.items()):
        if id(value) in swap:
            yield Spot(space, name)
        elif type(value) is FunctionType and value.__module__ == module.__name__:  # else found where it belongs
            yield from _of_function(value, swap)
        elif issubclass(type(value), type) and value.__module__ == module.__name__:  # no isinstance: it may run code
            yield from _of_class(value, swap)


def _of_class(cls: type, swap: Mapping[int, Any]) -> Iterator[Spot]:
    for name, value in list(vars(cls).items()):
        function = value.__func__ if issubclass(type(value), (staticmethod, classmethod)) else value
        if id(function) in swap:
            yield Spot(cls, name)
        elif type(function) is FunctionType:
            yield from _of_function(function, swap)


def _of_function(function: FunctionType, swap: Mapping[int, Any]) -> Iterator[Spot]:
    if any(id(each) in swap for each in function.__defaults__ or ()):
        yield Spot(function, "__defaults__")
    if any(id(each) in swap for each in (function.__kwdefaults__ or {}).values()):
        yield Spot(function, "__kwdefaults__")


def _replace(patches: Patches, spot: Spot, swap: Mapping[int, Any]) -> None:
    """Replace what is bound at a spot, unless something else is bound there by now."""
    owner, name = spot
    if isinstance(owner, dict):
        new = swap.get(id(owner.get(name)))
    elif name == "__defaults__":
        new = tuple(swap.get(id(each), each) for each in owner.__defaults__ or ()) or None
    elif name == "__kwdefaults__":
        new = {key: swap.get(id(each), each) for key, each in (owner.__kwdefaults__ or {}).items()} or None
    else:
        bound = vars(owner).get(name)
        found = swap.get(id(getattr(bound, "__func__", bound)))
        new = None if found is None else staticmethod(found)  # an original is no method either
    if new is not None:
        patches.set(owner, name, new)
