"""What forked processes write down for the one that runs the tests: how their threads wait, and who has taken a lock.

It lies in memory that they share. A slot belongs to one thread, or to one lock, and is written by whoever that is at
the moment; a reader that meets a slot in the middle of that, or one of somebody else, reads nothing, and so knows less.
"""

from __future__ import annotations

import itertools
import json
import mmap
import os
import struct
import sys
import threading
import weakref
import zlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.causes import AT_ITS_END
from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._hangs import telling
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import cpu
from pytest_concurrency._runtimes.processes.hangs.frames import feeds_nothing, is_in_users_code, who

if TYPE_CHECKING:
    from pytest_concurrency._hangs.book import Wait

_THREADS: Final = 4096  # slots
_LOCKS: Final = 1024
_WAIT: Final = 2048  # bytes of a slot
_HOLD: Final = 512
_HEAD: Final = struct.Struct("<IIQIH")
_FREE: Final = _HEAD.pack(0, 0, 0, 0, 0)
_STARTED: Final = 19
"""Where the system's line about a thread has, after the name, when it was started: numbers are given again."""
NAME: Final = "pym-notes-of-pytest-concurrency"
"""As multiprocessing names its own memory: what is written here is no secret way between processes."""

_serials: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Note:
    """How a thread of a forked process waits.

    Attributes:
        serial: Another number for each wait.
        is_idle: Whether it waits for others to come to it, and is not stuck.
        is_sliced: Whether the system sees it moving although it waits without a limit.
        state: In words.
    """

    serial: int
    is_idle: bool
    is_sliced: bool
    state: TaskState


class Notes:
    """The shared memory, made before the first fork.

    Attributes:
        owner: The process that runs the tests.
    """

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._memory: Any = None
        self._killed: set[int] = set()
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def knows(self, target: Any) -> None:
        """Note a semaphore of this process, which others may have that write nothing down."""
        self._known.add(target)

    def known(self) -> list[Any]:
        """Return the semaphores that this process has."""
        return list(self._known)

    def kills(self, pid: int) -> None:
        """Note that a process ends because of a verdict."""
        self._killed.add(pid)

    def was_killed(self, pid: int) -> bool:
        """Tell whether a process has ended because of a verdict."""
        return pid in self._killed

    def share(self) -> None:
        """Make the memory, which children that are forked later have in common."""
        if self._memory is None and os.getpid() == self.owner:
            size = _THREADS * _WAIT + _LOCKS * _HOLD
            if not hasattr(os, "memfd_create"):
                self._memory = mmap.mmap(-1, size)
                return
            handle = os.memfd_create(NAME)
            os.ftruncate(handle, size)
            self._memory = mmap.mmap(handle, size)
            os.close(handle)

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a forked process."""
        return os.getpid() != self.owner

    # -- waits

    def note(self, wait: Wait, *, is_sliced: bool = True) -> None:
        """Note how the calling thread waits, if this is a forked process and it has not yet."""
        if wait.is_noted or not self.is_elsewhere:
            return
        wait.noted()
        watch = waits.watch
        if watch is not None:
            for state in telling.wait_states(waits, [wait], watch):
                told = replace(state, name=who(), stack=())
                if not is_in_users_code(sys._getframe(), watch):
                    told = replace(told, place=None, inside=None)
                    if wait.ident.runs_the_tests:
                        told = replace(told, waiting=_at_the_end(told.waiting))
                self._stands(told, is_idle=wait.idle or feeds_nothing(sys._getframe()), is_sliced=is_sliced)

    def forget(self, wait: Wait) -> None:
        """Note that the calling thread waits no more."""
        if wait.is_noted and self._memory is not None:
            self._free(_slot(threading.get_native_id()))

    def serves(self) -> None:
        """Note that the calling thread is one that others come to, until the end."""
        self._stands(TaskState(who(), "serves"), is_idle=True, is_sliced=True)

    def _stands(self, state: TaskState, *, is_idle: bool, is_sliced: bool) -> None:
        note = {"idle": is_idle, "sliced": is_sliced, "state": asdict(state)}
        tid = threading.get_native_id()
        self._write(_slot(tid), tid, next(_serials), json.dumps(note), _WAIT, _started(os.getpid(), tid))

    def of(self, pid: int, tid: int) -> Note | None:
        """Return how a thread of another process waits, if it has noted that."""
        found = self._read(_slot(tid), pid, tid)
        if found is None or found[2] != _started(pid, tid):
            return None
        _, note, _, serial = found
        return Note(serial, note["idle"], note["sliced"], _state(note["state"]))

    # -- locks

    def taken(self, name: str, by: str, place: str) -> None:
        """Note who has taken a lock, and where."""
        self._write(_lock_slot(name), zlib.crc32(name.encode()), 0, json.dumps([by, place]), _HOLD)

    def given(self, name: str) -> None:
        """Note that nobody has taken a lock."""
        if self._memory is not None:
            self._free(_lock_slot(name))

    def arms(self) -> None:
        """Note that a timer of the system may send the calling process a signal."""
        if self.is_elsewhere:
            self.taken(f"timer {os.getpid()}", "", "")

    def is_armed(self, pid: int) -> bool:
        """Tell whether a process has wound up a timer."""
        return self.holder(f"timer {pid}") is not None

    def holder(self, name: str) -> tuple[int, str, str] | None:
        """Return (process, its name, place) of who has taken a lock."""
        found = self._read(_lock_slot(name), None, zlib.crc32(name.encode()))
        return None if found is None else (found[0], *found[1])

    # -- the memory

    def _write(self, at: int, key: int, serial: int, text: str, size: int, started: int = 0) -> None:
        data = text.encode()
        if self._memory is None or len(data) > size - _HEAD.size:
            return
        self._free(at)
        self._memory[at + _HEAD.size : at + _HEAD.size + len(data)] = data
        _HEAD.pack_into(self._memory, at, os.getpid(), key, started, serial, len(data))

    def _free(self, at: int) -> None:
        self._memory[at : at + _HEAD.size] = _FREE

    def _read(self, at: int, pid: int | None, key: int) -> tuple[int, Any, int, int] | None:
        """Return (process, text, when its writer was started, serial) of a slot, if it is of this process and key."""
        if self._memory is None:
            return None
        seen_pid, seen_key, started, serial, length = _HEAD.unpack_from(self._memory, at)
        if not length or seen_key != key or (pid is not None and seen_pid != pid):
            return None
        try:
            found = json.loads(self._memory[at + _HEAD.size : at + _HEAD.size + length])
        except ValueError:
            return None
        return seen_pid, found, started, serial


def _started(pid: int, tid: int) -> int:
    """Return when a thread was started, as the system counts; 0 where that is not told."""
    return int((cpu.stat(f"{pid}/task/{tid}")[_STARTED:] or ["0"])[0])


def _slot(tid: int) -> int:
    return tid % _THREADS * _WAIT


def _lock_slot(name: str) -> int:
    return _THREADS * _WAIT + zlib.crc32(name.encode()) % _LOCKS * _HOLD


def _at_the_end(waiting: Waiting | None) -> Waiting | None:
    """Say that a process waits in no call of the user's any more."""
    return None if waiting is None else replace(waiting, action=AT_ITS_END)


def _state(told: dict[str, Any]) -> TaskState:
    """Read a state as `asdict` has written it."""
    waiting = told["waiting"]
    if waiting is not None:
        waiting = Waiting(
            waiting["action"],
            waiting["target"],
            _place(waiting["made"]),
            tuple(waiting["holders"]),
            _place(waiting["taken"]),
        )
    return TaskState(told["name"], told["state"], _place(told["place"]), waiting, (), _place(told["inside"]))


def _place(told: dict[str, Any] | None) -> Place | None:
    return None if told is None else Place(**told)


notes: Final = Notes()
