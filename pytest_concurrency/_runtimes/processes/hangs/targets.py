"""What threads of this process wait for in real time at others: a child's end, a semaphore, the other end of a pipe."""

from __future__ import annotations

import itertools
import os
import select
from typing import Any, Final

from pytest_concurrency._core.telling.report import Place, Waiting
from pytest_concurrency._machine import cpu
from pytest_concurrency._machine.pipes import is_ready
from pytest_concurrency._runtimes.processes.hangs.notes import notes
from pytest_concurrency._runtimes.processes.hangs.slots import slots
from pytest_concurrency._runtimes.processes.hangs.system import READS, link_of
from pytest_concurrency._sight import stacks

_keys: Final = itertools.count(1)


class Target:
    """Something that a wait is for.

    Attributes:
        kind: What it is called.
        made: The file and the line that made it.
        is_accepting: Whether it is whoever wants to connect, from wherever.
    """

    kind = ""
    made: tuple[str, int] = ("", 0)
    is_accepting = False

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether it is still not to be had."""
        raise NotImplementedError

    def holder_now(self) -> None:
        """Return nobody: who holds it may be in another process."""

    def ends(self) -> list[tuple[str, str]]:
        """Return the pipes and sockets, as `Awaited` has them."""
        return []

    def semaphore(self) -> int:
        """Return the address of a semaphore; 0 for none."""
        return 0

    def waiting(self, method: str, owner: Any) -> Waiting:
        """Say what is waited for, in which call of the library."""
        name = f"{type(owner).__name__}.{method}" if owner is not None else self.kind
        return Waiting(name, self.title(owner), self.place())

    def title(self, owner: Any) -> str:
        """Return what the object is called that is waited for."""
        kind = self.kind if owner is None else type(owner).__name__
        name = stacks.name_at(*self.made, kind) if self.made[1] else ""
        return f"{kind} `{name}`" if name and "," not in name else kind

    def place(self) -> Place | None:
        """Return where it was made."""
        filename, line = self.made
        return Place(stacks.shorten(filename), line) if line else None


class Ending(Target):
    """The end of a child.

    Args:
        pid: Its number.
        name: What a report calls it.
        handle: Ready as soon as it has ended.
    """

    kind = "Process.join"

    def __init__(self, pid: int, name: str, handle: int) -> None:
        self.pid = pid
        self.name = name
        self._handle = handle

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether it has not ended."""
        return not is_ready(self._handle)

    def waiting(self, method: str, owner: Any) -> Waiting:
        """Say for which process."""
        return Waiting(
            "Process.join" if owner is None or method == "join" else f"{type(owner).__name__}.{method}", self.name
        )


class Ends(Target):
    """Ends of pipes and sockets, of which one has to become ready.

    Args:
        handles: Their numbers, each with what somebody must be able to do at the other end.
    """

    kind = "Connection"

    def __init__(self, handles: dict[int, str], made: tuple[str, int] = ("", 0)) -> None:
        self._handles = handles
        self.made = made

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether none of them is ready."""
        return not any(
            is_ready(handle, select.POLLOUT if other == READS else select.POLLIN)
            for handle, other in self._handles.items()
        )

    def ends(self) -> list[tuple[str, str]]:
        """Return the pipes and sockets, as `Awaited` has them."""
        links = [(link_of(os.getpid(), handle), other) for handle, other in self._handles.items()]
        return [(link, other) for link, other in links if link != "anon_inode:[pidfd]"]


class Socket(Ends):
    """A socket that is to be read from, or written to.

    Args:
        sock: The socket.
        handle: Leads there, too.
        other: What somebody must be able to do at the other end.
        method: What is called.
    """

    def __init__(self, sock: Any, handle: int, other: str, method: str) -> None:
        super().__init__({handle: other})
        self._sock = sock
        self._method = method

    def waiting(self, method: str, owner: Any) -> Waiting:
        """Say to whom it leads."""
        try:
            peer = self._sock.getpeername()
            path = peer or self._sock.getsockname()
        except OSError:
            return Waiting(f"socket.{self._method}", "a socket")
        name = "a pair of sockets"
        if not isinstance(peer, str | bytes):
            name = f"the socket to {peer[0]}:{peer[1]}"
        elif path:
            name = f"the socket at {os.fsdecode(path).replace(chr(0), '@')}"
        return Waiting(f"socket.{self._method}", name)


class Accepting(Target):
    """Whoever wants to connect."""

    is_accepting = True

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell that nobody is known who does; one who did would be let in at once."""
        return True


class Semaphore(Target):
    """A semaphore that processes share, from which the locks of multiprocessing are built.

    Attributes:
        key: What it is called in the notes, in each process.
    """

    def __init__(self, sem: Any, kind: str, made: tuple[str, int]) -> None:
        self._sem = sem
        self.key = sem.name or f"{os.getpid()}.{next(_keys)}"  # one that is forked has no name
        self.kind = kind
        self.made = made
        notes.knows(self)

    def is_hopeless(self, *, own: bool) -> bool:
        """Tell whether it stands at zero."""
        return bool(self._sem._is_zero())

    def semaphore(self) -> int:
        """Return its address."""
        return int(self._sem.handle)

    def waiting(self, method: str, owner: Any) -> Waiting:
        """Say for which, and who has it."""
        holder = slots.holder(self.key) if self._sem.maxvalue == 1 else None
        name = f"{self.kind}.acquire" if owner is None else f"{type(owner).__name__}.{method}"
        if holder is None:
            return Waiting(name, self.title(owner), self.place())
        pid, by, place = holder
        has_ended = cpu.stat(str(pid))[:1] in ([], ["Z"], ["X"])
        file, _, line = place.rpartition(":")
        taken = Place(stacks.shorten(file), int(line), source=stacks.line_text(file, int(line))) if file else None
        return Waiting(name, self.title(owner), self.place(), (f"{by}, which has ended" if has_ended else by,), taken)
