"""Locks of files, which processes have: the real one is asked without waiting, and is the truth."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._runtimes.processes.files.seen import file_behind, look_up
from pytest_concurrency._runtimes.processes.files.stand import put
from pytest_concurrency._runtimes.processes.meeting import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files
    from pytest_concurrency._runtimes.processes.meeting import Meeting

_OF_OS: Final = {
    getattr(os, name): flag
    for name, flag in (
        ("F_LOCK", fcntl.LOCK_EX),
        ("F_TLOCK", fcntl.LOCK_EX | fcntl.LOCK_NB),
        ("F_ULOCK", fcntl.LOCK_UN),
    )
    if hasattr(os, name)
}


class FileLocks:
    """What stands in for `fcntl.flock`, `fcntl.lockf` and `os.lockf`."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._flock: Any = fcntl.flock
        self._lockf: Any = fcntl.lockf

    def install(self, patches: Patches, bound: Iterable[ModuleType]) -> None:
        """Put them in place."""
        modules = list(bound)
        self._flock = put(patches, fcntl, "flock", self.flock, modules)
        self._lockf = put(patches, fcntl, "lockf", self.lockf, modules)
        real = os.lockf

        def lockf(fd: int, command: int, length: int, /) -> None:
            if command in _OF_OS:
                self.lockf(fd, _OF_OS[command], length, 0, os.SEEK_CUR)
            else:
                real(fd, command, length)

        put(patches, os, "lockf", lockf, modules)

    def flock(self, fd: Any, operation: int, /) -> None:
        """Stand in for `flock`."""
        self._locks("flock", fd, operation, lambda flags: self._flock(fd, flags))

    def lockf(self, fd: Any, cmd: int, /, *rest: int) -> None:
        """Stand in for `lockf`."""
        self._locks("lockf", fd, cmd, lambda flags: self._lockf(fd, flags, *rest))

    def _locks(self, sort: str, fd: Any, flags: int, real: Callable[[int], None]) -> None:
        task = self._files.asks()
        if task is None:
            real(flags)
            return
        handle = fd if type(fd) is int else fd.fileno()
        found = look_up(handle)
        lock = named((sort, found.st_dev, found.st_ino), "FileLock", (file_behind(handle), 0))
        desk = self._files.board.desk
        if flags & fcntl.LOCK_UN:
            desk.reach(task, lock, "give")
            real(flags)
            self._files.let_go([(lock, task)])
            return
        desk.reach(task, lock, "try")
        while not self._takes(task, lock, handle, flags, real):
            desk.line(task, lock, "take", None, free=False)

    def _takes(self, task: Task, lock: Meeting, handle: int, flags: int, real: Callable[[int], None]) -> bool:
        """Have the real one, if that is possible now."""
        try:
            real(flags | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            if flags & fcntl.LOCK_NB:
                raise
            return False
        self._files.has_locked(handle, lock)
        self._files.board.desk.taken(task, lock, is_empty=bool(flags & fcntl.LOCK_EX))
        return True
