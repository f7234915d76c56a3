"""`SharedMemory`, which hands out views of a map: what stands in for such a view makes each access a step."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any, Final, Self

from pytest_concurrency._core.operations import Controlled
from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.processes.files.maps import SEES_VIEWS, Part, seeing
from pytest_concurrency._runtimes.processes.files.seen import NAMES, content_of
from pytest_concurrency._runtimes.processes.free import uncontrolled
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files

_TOLD: Final = ("format", "itemsize", "nbytes", "ndim", "obj", "readonly", "shape", "strides", "suboffsets",
                "contiguous", "c_contiguous", "f_contiguous")  # fmt: skip
_READS: Final = ("tobytes", "tolist", "hex", "count", "index")


class View(Controlled):
    """Stands in for a `memoryview`, whose accesses would not show.

    Args:
        view: The real one.
        part: What it is a view of.
    """

    __slots__ = ("_part", "_view")

    def __init__(self, view: memoryview, part: Part) -> None:
        self._view = view
        self._part = part

    @property  # type: ignore[misc] # of `object` it can be set
    def __class__(self) -> Any:  # whoever asks for its class is told what it stands for
        return memoryview

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._view, name)
        if name not in _READS:
            return found

        def call(*args: Any, **named: Any) -> Any:
            task = self._part.whole("read", writes=False)
            value = found(*args, **named)
            self._part.showed(task, value)
            return value

        return call

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice) or at is Ellipsis:
            return View(self._view[at], self._part)  # type: ignore[index] # the dots stand for all
        task = self._step("read", at)
        value = self._view[at]
        self._part.showed(task, value)
        return value

    def __setitem__(self, at: Any, value: Any) -> None:
        task = self._step("write", at)
        self._view[at] = value._view if type(value) is View else value
        self._part.showed(task, value)

    def __delitem__(self, at: Any) -> None:
        del self._view[at]  # type: ignore[attr-defined] # it says itself that it does not

    def __len__(self) -> int:
        return len(self._view)

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self)))

    def __contains__(self, value: object) -> bool:
        self._part.whole("read", writes=False)
        return value in self._view

    def __eq__(self, other: object) -> bool:
        self._part.whole("read", writes=False)
        return bool(self._view == (other._view if type(other) is View else other))

    def __hash__(self) -> int:
        return hash(self._view)

    def __enter__(self) -> Self:
        self._view.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._view.release()

    def __buffer__(self, flags: int) -> memoryview:
        self._part.shown(flags)
        return self._view.__buffer__(flags)

    def __release_buffer__(self, view: memoryview) -> None:
        self._part.hidden()
        view.release()

    def cast(self, *args: Any, **named: Any) -> View:
        """Return another view of the same."""
        return View(self._view.cast(*args, **named), self._part)

    def toreadonly(self) -> View:
        """Return a view that nobody can write to."""
        return View(self._view.toreadonly(), self._part)

    def _step(self, verb: str, at: Any) -> Any:
        """Offer a switch before an item is touched: where they lie as they are numbered here, no other one."""
        owner: Any = self._view.obj
        if self._view.itemsize == 1 and self._view.nbytes == len(owner):
            return self._part.step(verb, at, len(self._view))
        return self._part.whole(verb, writes=verb == "write")


def install(patches: Patches, files: Files) -> None:
    """Let memory that processes share by its name be under control."""
    from multiprocessing.shared_memory import SharedMemory

    given: Any = SharedMemory.buf
    patches.set(SharedMemory, "__init__", _beginning(files, SharedMemory.__init__))
    patches.set(SharedMemory, "buf", property(_giving(files, given.fget)))
    patches.set(SharedMemory, "unlink", _unlinking(files, SharedMemory.unlink))


def _beginning(files: Files, begin: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(begin)
    def __init__(self: Any, name: str | None = None, create: bool = False, *rest: Any, **named: Any) -> None:  # noqa: FBT001,FBT002
        if here.task is None:
            begin(self, name, create, *rest, **named)
            return
        task = files.asks_alone()
        if task is not None:
            files.touch(task, "make shared memory" if create else "open shared memory", (), ((NAMES, create),))
        with seeing(files):
            begin(self, name, create, *rest, **named)
        made = stacks.line_of(stacks.user_frame(sys._getframe(1), files.board.watch))
        vars(self)["_concurrency_name"] = stacks.name_at(*made, "SharedMemory") or "shared memory"

    return __init__


def _giving(files: Files, real: Callable[[Any], memoryview]) -> Callable[[Any], Any]:
    def given(self: Any) -> Any:
        view, task = real(self), files.asks_alone()
        content = content_of(self._fd) if task is not None and view is not None else None
        if task is None or content is None:
            return view
        part = Part(files, content, f"{vars(self).get('_concurrency_name', 'shared memory')}.buf")
        if SEES_VIEWS:
            return View(view, part)
        part.whole("write", writes=True)
        return view

    return given


def _unlinking(files: Files, unlink: Callable[[Any], None]) -> Callable[[Any], None]:
    def unlinked(self: Any) -> None:
        task = files.asks_alone()
        if task is not None:
            files.touch(task, "remove shared memory", (), ((NAMES, True),))
        with uncontrolled():
            unlink(self)

    return unlinked
