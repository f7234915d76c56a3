"""What else is at hand through objects of libraries: jobs, handles, futures, and whatever functions name."""

from __future__ import annotations

import dis
import functools
import gc
import threading
import types
from contextvars import Context
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._sight.watching import Watch

_RUNNERS: Final = frozenset({
    "_pytest", "pytest", "pluggy", "xdist", "execnet", "hypothesis", "pytest_asyncio", "pytest_timeout",
    "coverage", "pydevd", "_pydevd_bundle", "_pydev_bundle", "debugpy", __name__.partition(".")[0],
})  # fmt: skip
"""Packages whose objects lead to every test: nothing that a scenario waits for is at hand through them."""
_LEAVES: Final = (
    type, ModuleType, CodeType, types.FrameType, types.TracebackType, Context, threading.Thread,
    threading.local,
)  # fmt: skip
"""What leads everywhere, or, as a thread does, to what another one has at hand."""

_LOOKS_UP: Final = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})


def parts(thing: Any, watch: Watch) -> Iterator[Any]:
    """Yield what an object of any class holds, as the collector sees it, and what its methods, or a function, look up.

    A class that is met as that of an object alone is not yielded: nothing is known to change it.
    """
    kind: type = type(thing)
    if kind is FunctionType:
        yield from _of_function(thing)
    elif Resource in kind.__mro__:
        yield thing.real
    elif not any(each in kind.__mro__ for each in _LEAVES) and not _is_of_a_runner(kind):
        yield from [each for each in gc.get_referents(thing) if each is not kind]
        for each in kind.__mro__:
            yield from [other for other in vars(each).values() if _is_watched(other, watch)]


def is_of_a_runner(module: object) -> bool:
    """Tell whether a module, by its name, is of who runs the tests."""
    return isinstance(module, str) and module.partition(".")[0] in _RUNNERS


def named_by(code: CodeType, space: dict[str, Any]) -> list[Any]:
    """Return what the globals stand for that code looks up."""
    return [space[name] for name in _looked_up(code) if name in space]


@functools.lru_cache(maxsize=1024)
def _looked_up(code: CodeType) -> tuple[str, ...]:
    instructions = dis.get_instructions(code)
    return tuple(dict.fromkeys(str(each.argval) for each in instructions if each.opname in _LOOKS_UP))


@functools.lru_cache(maxsize=4096)
def _is_of_a_runner(kind: type) -> bool:
    return any(is_of_a_runner(vars(each).get("__module__")) for each in kind.__mro__)


def _is_watched(thing: Any, watch: Watch) -> bool:
    return type(thing) is FunctionType and watch.is_watched(thing.__code__.co_filename)


def _of_function(thing: FunctionType) -> Iterator[Any]:
    space = thing.__globals__
    if is_of_a_runner(space.get("__name__")):
        return
    yield from thing.__closure__ or ()
    yield from named_by(thing.__code__, space)
