"""Memory that processes share: a slot belongs to one thread, or to one lock.

It is written by whoever that is at the moment; a reader that meets a slot in the middle of that, or one of somebody
else, reads nothing, and so knows less. Every process that is started begins with this file: it imports little.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from typing import Any, Final

from pytest_concurrency._machine import cpu

_THREADS: Final = 4096  # slots
_LOCKS: Final = 1024
_WAIT: Final = 2048  # bytes of a slot
_HOLD: Final = 512
_SIZE: Final = _THREADS * _WAIT + _LOCKS * _HOLD
_HEAD: Final = struct.Struct("<IIQIH")
_FREE: Final = _HEAD.pack(0, 0, 0, 0, 0)
_STARTED: Final = 19
"""Where the system's line about a thread has, after the name, when it was started: numbers are given again."""
NAME: Final = "pym-notes-of-pytest-concurrency"
"""As multiprocessing names its own memory: what is written here is no secret way between processes."""


class Slots:
    """The memory, made before the first child is started.

    Attributes:
        handle: Its descriptor, once there is one, and where the system has such.
    """

    def __init__(self) -> None:
        self.handle: int | None = None
        self._memory: Any = None

    def make(self) -> None:
        """Make it, if there is none; children that are forked later have it in common."""
        if self._memory is not None:
            return
        if not hasattr(os, "memfd_create"):
            self._memory = mmap.mmap(-1, _SIZE)
            return
        handle = os.memfd_create(NAME)
        os.ftruncate(handle, _SIZE)
        self.join(handle)

    def join(self, handle: int) -> None:
        """Have that of another process, by its descriptor."""
        self.handle, self._memory = handle, mmap.mmap(handle, _SIZE)

    # -- threads

    def stands(self, tid: int, serial: int, text: str, started: int) -> None:
        """Write what a thread of this process does, in its slot.

        Args:
            tid: The thread.
            serial: Another number for each text.
            text: In words.
            started: When the thread was started: numbers are given again.
        """
        self._write(tid % _THREADS * _WAIT, tid, serial, text, _WAIT, started)

    def moves(self, tid: int) -> None:
        """Free the slot of a thread."""
        if self._memory is not None:
            self._free(tid % _THREADS * _WAIT)

    def of(self, pid: int, tid: int) -> tuple[str, int, int] | None:
        """Return (text, started, serial) of a thread of another process."""
        found = self._read(tid % _THREADS * _WAIT, tid)
        return None if found is None or found[0] != pid else found[1:]

    # -- locks

    def taken(self, name: str, by: str, place: str) -> None:
        """Note who has taken a lock, and where."""
        self._write(_slot_of(name), zlib.crc32(name.encode()), 0, f"{by}\n{place}", _HOLD)

    def given(self, name: str) -> None:
        """Note that nobody has taken a lock."""
        if self._memory is not None:
            self._free(_slot_of(name))

    def holder(self, name: str) -> tuple[int, str, str] | None:
        """Return (process, its name, place) of who has taken a lock."""
        found = self._read(_slot_of(name), zlib.crc32(name.encode()))
        if found is None:
            return None
        by, _, place = found[1].partition("\n")
        return found[0], by, place

    # -- timers

    def arms(self) -> None:
        """Note that a timer of the system may send the calling process a signal."""
        self.taken(f"timer {os.getpid()}", "", "")

    def is_armed(self, pid: int) -> bool:
        """Tell whether a process has wound up a timer."""
        return self.holder(f"timer {pid}") is not None

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

    def _read(self, at: int, key: int) -> tuple[int, str, int, int] | None:
        """Return (process, text, when its writer was started, serial) of a slot, if it is of this key."""
        if self._memory is None:
            return None
        pid, seen_key, started, serial, length = _HEAD.unpack_from(self._memory, at)
        if not length or seen_key != key:
            return None
        try:
            text = self._memory[at + _HEAD.size : at + _HEAD.size + length].decode()
        except UnicodeDecodeError:
            return None
        return pid, text, started, serial


def _slot_of(name: str) -> int:
    return _THREADS * _WAIT + zlib.crc32(name.encode()) % _LOCKS * _HOLD


def called(process: str, thread: str) -> str:
    """Return what a report calls a thread of a child; "main" is the one that the child begins with."""
    return process if thread == "main" else f"{process}, {thread}"


def started(pid: int, tid: int) -> int:
    """Return when a thread was started, as the system counts; 0 where that is not told."""
    return int((cpu.stat(f"{pid}/task/{tid}")[_STARTED:] or ["0"])[0])


slots: Final = Slots()
