"""Which file it is that a task is about to read or write, and whether that is to be a step."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._runtimes.processes.meeting import Meeting, named
from pytest_concurrency._sight.watching import OWN, STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch

CODE: Final = re.compile(r"\.(py|pyc|pth|so(\.[\d.]+)?)$")
"""What imports open, and what libraries keep open of themselves: it is the same for all."""
_DEVICES: Final = ("/proc/", "/sys/", "/dev/")
_MEMORY: Final = "/dev/shm/"
_LONGEST: Final = 30
_OUTPUT: Final = 2
"""The last of the descriptors for what is told to whoever has started the tests."""
look_up: Final = os.stat
"""The real one."""
real_open: Final = open
_list: Final = os.listdir
_SHARED: Final = b" rw-s "
_path_of: Final[Any] = getattr(os, "readlink", None)
_AGAIN: Final = 20
"""So often what is announced is looked at again; who is overtaken more often is not known."""

Things = tuple[tuple[Meeting, bool], ...]
"""What is touched, and whether it is written."""


class Asked(Protocol):
    """What is asked of the board."""

    desk: Any
    watch: Watch
    launches: int
    opened: dict[int, tuple[int, int, int]]
    maps: set[bytes]
    views: list[tuple[int, int, int]]

    def met(self, kind: str, made: tuple[str, int] | None = None) -> Meeting:
        """Return a name for a thing that is being made now."""

    @property
    def has_others(self) -> bool:
        """Whether more than one process is in the run."""

    def task(self) -> Task | None:
        """Return the task that asks, if what it does is under control."""


def is_data(path: Any) -> bool:
    """Tell whether a name may be that of a file with the user's data: code and devices are not."""
    name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
    return bool(name) and not CODE.search(name) and (not name.startswith(_DEVICES) or name.startswith(_MEMORY))


def called(path: Any) -> str:
    """Return what a report calls a file."""
    name = os.fsdecode(path).rstrip("/") if isinstance(path, (str, bytes, os.PathLike)) else ""
    return os.path.basename(name.removesuffix(" (deleted)")) or name


_HERE: Final = __name__.rpartition(".")[0]
_BETWEEN: Final = frozenset(
    {"pytest_concurrency._runtimes.processes.starting", "pytest_concurrency._runtimes.threads.world"}
)
"""What calls the targets of processes, and what passes on a question to the world."""
NAMES: Final = named(("names",), "Names", ("", 0))
"""The names of all files: who asks for one meets whoever makes one or takes it away."""


class Files:
    """What the doubles of files share, in each process its own.

    Attributes:
        board: Who is asked.
        held: By descriptor, the locks that this process has of a file.
    """

    def __init__(self, board: Asked) -> None:
        self.board = board
        self._is_looking = False
        self.held: dict[int, list[Meeting]] = {}

    def begin(self) -> None:
        """Make ready for a run."""
        self.held.clear()

    def asks(self) -> Task | None:
        """Return the task that asks, if others could be in the way of what it does."""
        if not self.board.has_others:
            return None
        task = self.board.task()
        return None if task is None or task.run.stopping or self._is_ours() else task

    def _is_ours(self) -> bool:
        """Tell whether it is the engine that asks for a file, perhaps through the standard library."""
        if self._is_looking:
            return True
        self._is_looking = True
        try:
            frame: FrameType | None = sys._getframe(2)
            while frame is not None and frame.f_globals.get("__name__", "").startswith(_HERE):
                frame = frame.f_back
            kind = self.board.watch.kind
            while frame is not None and kind(frame.f_code.co_filename) == STANDARD:
                frame = frame.f_back
            if frame is None or kind(frame.f_code.co_filename) != OWN:
                return False
            return frame.f_globals.get("__name__") not in _BETWEEN
        finally:
            self._is_looking = False

    def asks_alone(self) -> Task | None:
        """Return the task that asks, also if its run is of one process: threads may be in its way."""
        task = self.board.task()
        return None if task is None or task.run.stopping or self._is_ours() else task

    def has_opened(self, handle: int) -> None:
        """Note that this process has opened a file, and sees what is done with it."""
        self.board.opened[handle] = (os.getpid(), self.board.launches, number_of(handle) or 0)

    def has_made(self, task: Task, handle: int) -> None:
        """Note that a task has made a file: whichever had its number before is gone."""
        content = content_of(handle)
        if content is not None:
            self.board.desk.made(task, content.key)

    def is_copied(self, handle: int, copy: int) -> None:
        """Note that a descriptor stands for the same as another one."""
        if handle in self.board.opened:
            self.board.opened[copy] = self.board.opened[handle]

    def forgets(self, handle: int) -> None:
        """Note that a descriptor is closed."""
        self.board.opened.pop(handle, None)
        self.held.pop(handle, None)

    def is_alone_with(self, handle: int) -> bool:
        """Tell whether no other process has this descriptor, and with it its position."""
        return self.board.opened.get(handle, ())[:2] == (os.getpid(), self.board.launches)

    # -- maps, and views of them

    @contextlib.contextmanager
    def sees_what_comes(self) -> Iterator[None]:
        """Note that what is opened and mapped in the body is seen."""
        handles, maps = handles_of_all(), shared_maps()
        yield
        for each in handles_of_all() - handles:
            self.has_opened(each)
        self.board.maps.update(shared_maps() - maps)

    def shows(self) -> None:
        """Note that code in C is given a view of a map."""
        self.board.views.append(self._where())

    def hides(self) -> None:
        """Note that a view is given back; what was done with it outside the call that was given it, was not seen."""
        where = self._where()
        if where in self.board.views:
            self.board.views.remove(where)
        elif self.board.views:
            self.board.views.pop()
            task = self.asks_alone()
            if task is not None:
                self.board.desk.blind(task)

    def _where(self) -> tuple[int, int, int]:
        """Return which step it is, and which call in which frame, that is given a view or gives it back."""
        frame, task = sys._getframe(4), self.board.task()
        return (-1 if task is None else task.run.steps, id(frame), frame.f_lasti)

    # -- steps

    def touch(self, task: Task, verb: str, names: tuple[str, ...], things: Things | None) -> None:
        """Offer a switch before files are touched; None for what conflicts with everything."""
        self.board.desk.touches(task, verb, names, things)

    def settles(self, task: Task, verb: str, names: tuple[str, ...], plan: Callable[[], Things | None]) -> None:
        """Offer a switch before something whose effect depends on what others have done; announce it until it holds."""
        for _ in range(_AGAIN):
            things = plan()
            self.touch(task, verb, names, things)
            again = plan()
            if [(meeting.key, writes) for meeting, writes in things or ()] == [
                (meeting.key, writes) for meeting, writes in again or ()
            ]:
                return
        self.board.desk.blind(task)

    def content(self, task: Task, verb: str, handle: int, name: str, *, writes: bool, moves: bool) -> bool:
        """Offer a switch before what is in a file is read or written; tell whether it is a file.

        Args:
            task: Who does it.
            verb: What a report says.
            handle: The descriptor.
            name: What a report calls the file; "" where only the system knows.
            writes: Whether it is written.
            moves: Whether the position is used, which processes share that have inherited it.
        """
        meeting = content_of(handle)
        if meeting is None or handle <= _OUTPUT:
            return False
        path = name or file_behind(handle)
        if CODE.search(path):
            return False
        self.touch(task, verb, (called(path),), ((meeting, writes or (moves and not self.is_alone_with(handle))),))
        return True

    def showed(self, task: Task, value: Any) -> None:
        """Say what was read or written."""
        if type(value) in (bytes, int):
            self.board.desk.showed(task, repr(value[:_LONGEST] if type(value) is bytes else value)[:_LONGEST])

    # -- locks

    def has_locked(self, handle: int, lock: Meeting) -> None:
        """Note that this process has a lock of a file."""
        self.held.setdefault(handle, []).append(lock)

    def lets_go(self, handle: int) -> list[tuple[Meeting, Any]]:
        """Offer the switch that belongs before a descriptor is closed whose file is locked; return those locks."""
        task = self.asks() if self.held else None
        meeting = None if task is None else content_of(handle)
        if task is None or meeting is None:
            return []
        file = meeting.key[1:]
        mine: Sequence[Meeting] = [
            each
            for other, locks in self.held.items()
            for each in locks
            if each.key[1:] == file and (other == handle or each.key[0] == "lockf")
        ]
        for each in mine:
            self.board.desk.reach(task, each, "give")
        return [(each, task) for each in mine]

    def let_go(self, locks: list[tuple[Meeting, Any]]) -> None:
        """Say that locks are given back."""
        for each, task in locks:
            self.board.desk.given(task, each)
            for kept in self.held.values():
                kept[:] = [lock for lock in kept if lock.key != each.key]


def handles_of_all() -> set[int]:
    """Return the descriptors of this process, but for that of the list itself, which is closed by now."""
    return {each for each in map(int, _list("/proc/self/fd")) if number_of(each) is not None}


def number_of(handle: int) -> int | None:
    """Return the number of an open file; None where it is closed."""
    try:
        return look_up(handle).st_ino
    except OSError:
        return None


def shared_maps() -> set[bytes]:
    """Return what this process has mapped that others can see: device, number and name of each."""
    with real_open("/proc/self/maps", "rb") as file:
        _, *shared = file.read().split(_SHARED)
    return {b" ".join(each.partition(b"\n")[0].split(maxsplit=3)[1:]) for each in shared}


def file_behind(handle: int) -> str:
    """Return the path of an open file."""
    return str(_path_of(f"/proc/self/fd/{handle}"))


def content_of(path: Any) -> Meeting | None:
    """Return what is in a file, by a path or a descriptor; None where it is none."""
    try:
        found = look_up(path)
    except (OSError, ValueError):
        return None
    return named(("file", found.st_dev, found.st_ino), "File", ("", 0)) if stat.S_ISREG(found.st_mode) else None
