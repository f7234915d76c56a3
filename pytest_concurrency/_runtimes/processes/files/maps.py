"""Maps of files and of memory that processes share: each access is a step, as those to the file itself are."""

from __future__ import annotations

import contextlib
import mmap
import operator
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import Controlled
from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.processes.files.seen import called, content_of, file_behind
from pytest_concurrency._runtimes.processes.free import uncontrolled
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files
    from pytest_concurrency._runtimes.processes.meeting import Meeting

SEES_VIEWS: Final = sys.version_info >= (3, 12)
"""Whether it shows that code in C asks for a view of an object of ours."""
_WRITABLE: Final = 1  # PyBUF_WRITABLE
_READS: Final = ("read", "read_byte", "readline", "find", "rfind", "size")
_WRITES: Final = ("write", "write_byte", "move", "resize")
_OWN_WAYS: Final = frozenset({"multiprocessing.shared_memory", "multiprocessing.heap"})
"""Modules whose maps are seen where they are handed out."""


class Part:
    """What a map is to reports and to the run.

    Args:
        files: Who is asked.
        meeting: What is mapped.
        name: What a report calls it.
    """

    def __init__(self, files: Files, meeting: Meeting, name: str) -> None:
        self._files = files
        self._meeting = meeting
        self._name = name

    def step(self, verb: str, at: Any, length: int) -> Any:
        """Offer a switch before a part is touched; return the task, if it is one."""
        task = self._files.asks_alone()
        if task is not None:
            number = None if isinstance(at, (slice, tuple)) else operator.index(at)
            index = number if number is None or number >= 0 else number + length
            self._files.board.desk.touch(task, self._meeting, verb, f"{self._name}[{_text(at)}]", index)
        return task

    def whole(self, verb: str, *, writes: bool) -> Any:
        """Offer a switch before somebody touches who knows which part."""
        task = self._files.asks_alone()
        if task is not None:
            self._files.touch(task, verb, (self._name,), ((self._meeting, writes),))
        return task

    def showed(self, task: Any, value: Any) -> None:
        """Say what was read or written."""
        if task is not None:
            self._files.showed(task, value)

    def shown(self, flags: int) -> None:
        """Offer a switch before code in C is given a view of all; it may write there if it says so, or keeps it."""
        self.whole("write" if flags & _WRITABLE else "read", writes=bool(flags))
        self._files.shows()

    def hidden(self) -> None:
        """Note that a view is given back."""
        self._files.hides()


def _text(at: Any) -> str:
    if isinstance(at, slice):
        ends = (at.start, at.stop, at.step)
        return ":".join("" if each is None else str(each) for each in ends[: 2 if at.step is None else 3])
    return str(at)


class _Step:
    """A method that is no function of Python: whoever looks what code touches takes it for one in C."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __get__(self, thing: Any, kind: Any = None) -> Any:
        return self if thing is None else lambda *args, **kwargs: self._function(thing, *args, **kwargs)


class _Kind(type):
    """Lets the real maps be instances of what stands in for their class."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, cls.__mro__[1])


def kind_of_maps(files: Files) -> type:
    """Return the class that stands in for `mmap.mmap`."""
    real = mmap.mmap

    def make(cls: Any, fileno: int, length: int, *rest: Any, **named: Any) -> Any:
        is_seen = sys._getframe(1).f_globals.get("__name__") in _OWN_WAYS
        if here.task is None or is_seen or _is_private(*rest, **named):
            return real(fileno, length, *rest, **named)
        made = stacks.line_of(stacks.user_frame(sys._getframe(1), files.board.watch))
        content = content_of(fileno) if fileno >= 0 else files.board.met("File", made)
        if content is None:
            return real(fileno, length, *rest, **named)
        with seeing(files):
            thing = real.__new__(cls, fileno, length, *rest, **named)
        name = stacks.name_at(*made, "mmap") or (called(file_behind(fileno)) if fileno >= 0 else "mmap")
        vars(thing)["_concurrency_part"] = Part(files, content, name)
        return thing

    parts: dict[str, Any] = {"__new__": make, "__getitem__": _Step(_get(real)), "__setitem__": _Step(_set(real))}
    parts |= {name: _Step(_called(real, name, "read")) for name in _READS}
    parts |= {name: _Step(_called(real, name, "write")) for name in _WRITES}
    if SEES_VIEWS:
        parts |= {"__buffer__": _view(real), "__release_buffer__": _give_back(real)}
    return _Kind("mmap", (real, Controlled), {"__module__": "mmap", **parts})


@contextlib.contextmanager
def seeing(files: Files) -> Iterator[None]:
    """Make a map in the body whose accesses are seen; where views are not, it counts as any that is not seen."""
    if not SEES_VIEWS:
        yield
        return
    with uncontrolled(), files.sees_what_comes():
        yield


def _is_private(*rest: Any, **named: Any) -> bool:
    """Tell whether a map is seen by nobody else, by the arguments behind its length."""
    flags = named.get("flags", rest[0] if rest else mmap.MAP_SHARED)
    return bool(flags & mmap.MAP_PRIVATE) or named.get("access") == mmap.ACCESS_COPY or mmap.ACCESS_COPY in rest[2:3]


def _get(real: Any) -> Callable[..., Any]:
    def get(thing: Any, at: Any) -> Any:
        task = thing._concurrency_part.step("read", at, len(thing))
        value = real.__getitem__(thing, at)
        thing._concurrency_part.showed(task, value)
        return value

    return get


def _set(real: Any) -> Callable[..., Any]:
    def put(thing: Any, at: Any, value: Any) -> None:
        task = thing._concurrency_part.step("write", at, len(thing))
        real.__setitem__(thing, at, value)
        thing._concurrency_part.showed(task, value)

    return put


def _called(real: Any, name: str, verb: str) -> Callable[..., Any]:
    method = getattr(real, name)

    def call(thing: Any, *args: Any) -> Any:
        task = thing._concurrency_part.whole(verb, writes=verb == "write")
        value = method(thing, *args)
        thing._concurrency_part.showed(task, args[0] if name in ("write", "write_byte") else value)
        return value

    return call


def _view(real: Any) -> Callable[..., Any]:
    def view(thing: Any, flags: int) -> Any:
        thing._concurrency_part.shown(flags)
        return real.__buffer__(thing, flags)

    return view


def _give_back(real: Any) -> Callable[..., Any]:
    def give_back(thing: Any, view: Any) -> None:
        thing._concurrency_part.hidden()
        real.__release_buffer__(thing, view)

    return give_back


def install(patches: Patches, files: Files) -> None:
    """Put the class in place, also where watched modules have bound it."""
    real, double = mmap.mmap, kind_of_maps(files)
    patches.set(mmap, "mmap", double)
    for module in files.board.watch.modules():
        for bound in [each for each, value in vars(module).items() if value is real]:
            patches.set(vars(module), bound, double)
