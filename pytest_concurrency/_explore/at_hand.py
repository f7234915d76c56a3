"""What threads from elsewhere have at hand, which live on while schedules come and go."""

from __future__ import annotations

import dis
import functools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._explore.further import is_of_a_runner, named_by
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._sight.watching import is_at_work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

    from pytest_concurrency._sight.watching import Watch

LIBRARY: Final = ("threading", "queue")
"""Modules of the library whose objects threads meet at."""
_BINDS: Final = ("STORE_GLOBAL", "DELETE_GLOBAL")


def at_hand(watch: Watch, *, acting: bool = False) -> Iterator[Any]:
    """Yield what the names in all other threads' frames stand for, in code of the user's and of what threads meet at.

    Args:
        watch: Whose code is the user's.
        acting: Whether only of those that may do something of their own accord: they do not wait without a limit.
    """
    for frame in (all_acting() if acting else _frames()).values():
        yield from _named(frame, watch, all_of_them=acting)


def rebound(watch: Watch) -> Iterator[str]:
    """Yield the globals that such threads may bind anew of their own accord, as far as their frames say."""
    for innermost in all_acting().values():
        frame: FrameType | None = innermost
        while frame is not None:
            yield from binds(frame.f_code, frame.f_globals, watch)
            frame = frame.f_back


def binds(code: CodeType, space: dict[str, Any], watch: Watch) -> Iterator[str]:
    """Yield the globals that code of the user's binds anew."""
    if watch.is_watched(code.co_filename):
        yield from (f"{space.get('__name__')}.{name}" for name in _bound_by(code))


@functools.lru_cache(maxsize=256)
def _bound_by(code: CodeType) -> tuple[str, ...]:
    instructions = dis.get_instructions(code)
    return tuple(dict.fromkeys(str(each.argval) for each in instructions if each.opname in _BINDS))


def all_acting() -> dict[int, FrameType]:
    """Return where other threads are that do not wait without a limit, by their ident."""
    return {
        ident: frame
        for ident, frame in _frames().items()
        if not _waits_for_ever(ident) and not is_at_work(frame)  # or left behind by a run
    }


def _waits_for_ever(ident: int) -> bool:
    """Tell whether a thread waits without a limit, and has not been given what it waits for just now."""
    wait = waits.now.get(ident)
    if wait is None:
        return False
    target = wait.target
    if not isinstance(target, Resource):
        return not _has_children()
    is_had = target.inner or target.holder_now() is not None  # else it is the thread itself that has just got it
    return is_had and bool(target.is_hopeless(own=False))


def _has_children() -> bool:
    """Tell whether a child of multiprocessing may live, which can send something to who waits at a pipe."""
    module = sys.modules.get("multiprocessing.process")
    children = () if module is None else list(vars(module)["_children"])
    return any(getattr(each._popen, "returncode", 0) is None for each in children)


def _frames() -> dict[int, FrameType]:
    own = real.get_ident()
    return {ident: frame for ident, frame in real.current_frames().items() if ident != own}


def _named(innermost: FrameType, watch: Watch, *, all_of_them: bool) -> Iterator[Any]:
    frame: FrameType | None = innermost
    while frame is not None:
        is_watched = watch.is_watched(frame.f_code.co_filename)
        if is_watched:
            yield from named_by(frame.f_code, frame.f_globals)
        theirs = is_watched and frame.f_locals is not frame.f_globals
        module = frame.f_globals.get("__name__")
        if theirs or module in LIBRARY or (all_of_them and not is_of_a_runner(module)):
            for value in list(frame.f_locals.values()):
                yield value
                if threading.Thread in type(value).__mro__:
                    yield from list(vars(value).values())
        frame = frame.f_back
