"""Shared memory of multiprocessing: values and arrays whose every access is a step, in whichever process."""

from __future__ import annotations

import ctypes
import functools
import operator
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import Controlled
from pytest_concurrency._runtimes.processes.meeting import Meeting, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.board import Board

_SHOWN: Final = frozenset({int, float, bool, bytes, str})
_LONGEST: Final = 30
_SEES_VIEWS: Final = sys.version_info >= (3, 12)
"""Whether it shows that somebody asks for a view (a `memoryview`, an array of numpy), whose accesses do not."""


class Memory:
    """Makes types of ctypes whose instances tell each access before it happens.

    The memory itself, and what is read and written there, is that of the real type.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._types: dict[type, type] = {}

    def install(self, patches: Patches) -> None:
        """Put them in place of those that multiprocessing would use."""
        from multiprocessing import sharedctypes

        module: Any = sharedctypes
        rebuilt, memory = module.rebuild_ctype, self

        @functools.wraps(rebuilt)  # pickled by its name: where a process is under control, its like stands there
        def rebuild(type_: Any, wrapper: Any, length: int | None, name: tuple[Any, ...] | None = None) -> Any:
            if memory._board.task() is None and name is None:
                return rebuilt(type_, wrapper, length)
            meeting = None if name is None else named(*name)
            return memory.make(type_ if length is None else type_ * length, wrapper, meeting)

        patches.set(module, "rebuild_ctype", rebuild)

    def make(self, base: type, wrapper: Any, meeting: Meeting | None) -> Any:
        """Make an object over memory that processes share."""
        from multiprocessing.reduction import ForkingPickler

        real: Any = base if not issubclass(base, Controlled) else base.__mro__[1]
        made: Any = self._types.get(real)
        if made is None:
            made = self._types[real] = self._double(real)
            ForkingPickler.register(made, self._reduced)
        task = self._board.task()
        if task is not None and not _SEES_VIEWS and issubclass(real, ctypes.Array):
            self._board.desk.blind(task)
        thing = made.from_buffer(wrapper.create_memoryview())
        thing._wrapper = wrapper
        thing._concurrency = meeting or self._board.met("Array" if issubclass(real, ctypes.Array) else "Value")
        return thing

    def _reduced(self, thing: Any) -> Any:
        real = type(thing).__mro__[1]
        of, length = (real._type_, real._length_) if issubclass(real, ctypes.Array) else (real, None)
        name = (thing._concurrency.name,) if self._board.is_launching else ()
        return sys.modules["multiprocessing.sharedctypes"].rebuild_ctype, (of, thing._wrapper, length, *name)

    # -- the types

    def _double(self, real: Any) -> type:
        parts: dict[str, Any] = {}
        if issubclass(real, ctypes.Array):
            parts = self._items(real)
            names = [name for name in ("value", "raw") if hasattr(real, name)]
        else:
            names = ["value"] if hasattr(real, "value") else [field[0] for field in real._fields_]
        parts |= {name: self._part(real, name) for name in names}
        if _SEES_VIEWS:
            parts["__buffer__"] = self._view(real)
        made: type = type(real)(real.__name__, (real, Controlled), parts)
        return made

    def _part(self, real: Any, name: str) -> property:
        """Stand in for an attribute."""
        inner, of = getattr(real, name), f".{name}"

        def get(thing: Any) -> Any:
            return self._read(thing, of, None, lambda: inner.__get__(thing))

        def put(thing: Any, value: Any) -> None:
            self._write(thing, of, None, value, lambda: inner.__set__(thing, value))

        return property(get, put)

    def _items(self, real: Any) -> dict[str, Any]:
        """Stand in for the items of an array."""

        def get(thing: Any, at: Any) -> Any:
            return self._read(thing, f"[{_text(at)}]", _index(thing, at), lambda: real.__getitem__(thing, at))

        def put(thing: Any, at: Any, value: Any) -> None:
            self._write(thing, f"[{_text(at)}]", _index(thing, at), value, lambda: real.__setitem__(thing, at, value))

        return {"__getitem__": get, "__setitem__": put}

    def _view(self, real: Any) -> Any:
        def view(thing: Any, flags: int) -> memoryview:
            task = self._board.task()
            if task is not None:
                self._board.desk.blind(task)
            return real.__buffer__(thing, flags)  # type: ignore[no-any-return]

        return view

    # -- accesses

    def _read(self, thing: Any, part: str, index: int | None, read: Callable[[], Any]) -> Any:
        task = self._board.task()
        if task is None or task.run.stopping:
            return read()
        self._board.desk.touch(task, thing._concurrency, "read", part, index)
        value = read()
        if type(value) in _SHOWN:
            self._board.desk.showed(task, repr(value)[:_LONGEST])
        else:
            self._sees_through(task, value)
        return value

    def _write(self, thing: Any, part: str, index: int | None, value: Any, write: Callable[[], None]) -> None:
        task = self._board.task()
        if task is None or task.run.stopping:
            write()
            return
        self._board.desk.touch(task, thing._concurrency, "write", part, index)
        write()
        if type(value) in _SHOWN:
            self._board.desk.showed(task, repr(value)[:_LONGEST])

    def _sees_through(self, task: Any, value: Any) -> None:
        """Prove nothing where a part of the memory is handed out that does not tell its own accesses."""
        if isinstance(value, (ctypes.Array, ctypes.Structure, ctypes.Union)):
            self._board.desk.blind(task)


def _text(at: Any) -> str:
    if isinstance(at, slice):
        ends = (at.start, at.stop, at.step)
        return ":".join("" if each is None else str(each) for each in ends[: 2 if at.step is None else 3])
    return str(at)


def _index(thing: Any, at: Any) -> int | None:
    """Return which part an index means; None for all of it."""
    if isinstance(at, slice):
        return None
    number = operator.index(at)
    return number if number >= 0 else number + len(thing)
