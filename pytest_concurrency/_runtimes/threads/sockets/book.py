"""What one run knows of its sockets: which descriptor is which end, who is to be found where, who has the other end."""

from __future__ import annotations

import os
import socket
import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.threads.sockets.ends import ACCEPTED, MADE, Address, End, Spot
from pytest_concurrency._runtimes.threads.sockets.lines import Lines
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._engine.run import Run

ASIDE: Final = frozenset(
    {"asyncio", "curio", "eventlet", "gevent", "multiprocessing", "pytest_concurrency", "trio", "uvloop", "zmq"}
)
"""Packages with ways of their own to wait: their sockets are left alone."""
_BELOW: Final = frozenset({"socket", "selectors", "ssl"})
_OURS: Final = ("pytest_concurrency._runtimes.threads.", "pytest_concurrency._runtimes.processes.hangs.")
_HERE: Final = frozenset({"", "0.0.0.0", "::", "::1", "localhost"})


def is_aside(frame: FrameType | None) -> bool:
    """Tell whether a socket is used, or made, by a package that has a way of its own to wait."""
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in _BELOW and not name.startswith(_OURS):
            return name.partition(".")[0] in ASIDE
        frame = frame.f_back
    return False


class Book:
    """The sockets of one run.

    Attributes:
        lines: Who stands in line at them.
        made: Every end that was made, in this order.
        process: In which process.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lines = Lines(run)
        self.process = os.getpid()
        self.made: list[End] = []
        self._by_handle: dict[int, End] = {}
        self._by_inode: dict[int, End] = {}
        self._addresses: dict[Any, Address] = {}
        self._half: End | None = None
        self._accepting: End | None = None
        self._arrived: End | None = None
        self._spots: dict[Any, Spot] = {}
        self._users: dict[int, int] = {}
        self._in_vain: dict[int, int] = {}

    # -- ends

    def expected(self, sock: Any) -> End:
        """Return what will be the other end of a socket that has connected and is not accepted yet."""
        return End(self.lines.has_come, self.run, sock, ("", 0), ACCEPTED, 0)

    def accepting(self, listener: End | None, arrived: End | None) -> None:
        """Say which socket accepts whom: what is made until the next call comes from there."""
        self._accepting, self._arrived = listener, arrived

    def make(self, sock: Any, frame: FrameType | None, *, is_given: bool) -> End:
        """Note a socket that a task has made; return what it is, as its descriptor tells.

        Args:
            sock: The socket.
            frame: Who has made it.
            is_given: Whether there was a descriptor before: of what the run does not know, it is somebody else's.
        """
        handle = sock.fileno()
        inode = os.fstat(handle).st_ino
        end = self._by_inode.get(inode)
        if end is None:
            end = self._new(sock, frame)
            if is_given and end.peer is None and self._half is not end:
                end.leaves()
            self._by_inode[inode] = end
        self._by_handle[handle] = end
        end.handles.add(handle)
        end.is_held_by(weakref.ref(sock, _Gone(self, end, handle)))
        return end

    def _new(self, sock: Any, frame: FrameType | None) -> End:
        listener = self._accepting
        half, name = self._half, "" if frame is None else frame.f_code.co_name
        is_pair = name == "socketpair" and frame is not None and frame.f_globals.get("__name__") == "socket"
        made = stacks.line_of(stacks.user_frame(frame, self.run.watch))
        if listener is not None:
            return self._accepted(listener, self._arrived, made if made[1] else listener.made, sock)
        position = int(is_pair and half is not None)
        end = End(self.lines.has_come, self.run, sock, made, MADE, position)
        self.made.append(end)
        if is_pair:
            self._half = None if half is not None else end
            if half is not None:
                half.meets(end)
                end.meets(half)
        return end

    def _accepted(self, listener: End, arrived: End | None, made: tuple[str, int], sock: Any) -> End:
        """Return the accepted end of a connection; one that nobody of the run has made is left alone."""
        end = None if arrived is None else arrived.peer
        if end is None:
            end = End(self.lines.has_come, self.run, sock, made, ACCEPTED, 0)
            end.leaves()
        else:
            end.is_accepted(made, self.run.current)
        self.made.append(end)
        return end

    def end_of(self, handle: int) -> End | None:
        """Return what a descriptor means; None where that is nothing of the run's own."""
        end = self._by_handle.get(handle)
        return None if end is None or end.is_foreign else end

    def loses(self, end: End, handle: int) -> None:
        """Note that a descriptor is no more."""
        end.handles.discard(handle)
        if self._by_handle.get(handle) is end:
            del self._by_handle[handle]

    def lets_go(self, end: End, handle: int) -> None:
        """Note that somebody has closed a descriptor."""
        self.loses(end, handle)
        if not end.handles:
            end.closes()
            if end.address is not None and end.address.owner is end:
                end.address.belongs_to(None)

    def left_open(self) -> list[End]:
        """Return the ends that nobody has closed; of one that is left alone the system tells it."""
        inodes = {id(end): inode for inode, end in self._by_inode.items()}
        return [
            end
            for end in self.made
            if not end.is_closed
            and (not end.is_foreign or any(_has(handle, inodes.get(id(end))) for handle in end.handles))
        ]

    # -- addresses

    def address(self, sock: Any, name: Any) -> Address | None:
        """Return the address of that name; None for one that is not on this machine, or that has none."""
        key = _key(sock, name)
        if key is None:
            return None
        found = self._addresses.get(key)
        if found is None:
            found = self._addresses[key] = Address(Spot(self.lines.has_come, "address", ("", 0)))
            self.run.adopt(found.spot)
        return found

    def is_bound(self, end: End, sock: Any) -> None:
        """Note where a socket is to be found, as it says itself."""
        if end.address is None:
            address = self.address(sock, sock.getsockname())
            if address is not None:
                end.is_bound(address)

    # -- what is waited at otherwise

    def spot_of(self, key: Any, kind: str) -> Spot:
        """Return where tasks stand in line that wait in a selector, or that a server is told something."""
        found = self._spots.get(key)
        if found is None:
            found = self._spots[key] = Spot(self.lines.has_come, kind, ("", 0))
            self.run.adopt(found)
        return found

    def is_used_by(self, spot: Spot, number: int) -> None:
        """Note who uses a selector: what several tasks do with one is not seen in all its orders."""
        if self._users.setdefault(spot.number, number) != number:
            self.run.shared.note_opaque()

    def has_acted(self, number: int) -> None:
        """Note that a task has done something with a socket."""
        self._in_vain.pop(number, None)

    def selects_again(self, number: int) -> int:
        """Count how often a task was told what is ready, and has done nothing since."""
        times = self._in_vain[number] = self._in_vain.get(number, 0) + 1
        return times


class _Gone:
    """Is called when the object of a socket has gone that nobody has closed: that closes it, and shows nowhere."""

    def __init__(self, book: Book, end: End, handle: int) -> None:
        self._book, self._end, self._handle = weakref.ref(book), end, handle

    def __call__(self, _gone: Any) -> None:
        book, end = self._book(), self._end
        if book is None or end.is_closed or book.run.stopping or self._handle not in end.handles:
            return
        if os.getpid() != book.process:
            return
        book.loses(end, self._handle)
        book.run.shared.note_opaque()
        task = here.task
        if task is not None and book.run.current is task:
            book.lines.changed()
        else:
            book.lines.poke()


def _has(handle: int, inode: int | None) -> bool:
    """Tell whether a descriptor is one of what has this number."""
    try:
        return os.fstat(handle).st_ino == inode
    except OSError:  # it is closed
        return False


def _key(sock: Any, name: Any) -> Any:
    """Return what is equal for equal addresses of this machine."""
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        if not isinstance(name, tuple) or not isinstance(name[0], str) or not isinstance(name[1], int) or not name[1]:
            return None
        is_here = name[0] in _HERE or name[0].startswith("127.") or name[0].startswith("::ffff:127.")
        return ("port", sock.type, name[1]) if is_here else None
    if sock.family == getattr(socket, "AF_UNIX", None) and isinstance(name, (str, bytes)) and name:
        path = os.fsdecode(name)
        return ("path", sock.type, path if path.startswith("\0") else os.path.abspath(path))
    return None
