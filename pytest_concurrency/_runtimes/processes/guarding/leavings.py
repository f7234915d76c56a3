"""What processes leave in the system: shared memory, semaphores, and pipes that are open."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import TaskState
from pytest_concurrency._runtimes.processes.guarding.notes import MEMORY, SEMAPHORE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._runtimes.joining import Joinable
    from pytest_concurrency._runtimes.processes.guarding.notes import Note

FOLDER: Final = "/dev/shm"
UNTRACKED: Final = "untracked"


class LeftName:
    """Shared memory or a semaphore whose name is still there."""

    came = "made"

    def __init__(self, note: Note) -> None:
        self.name = f"{note.what} {note.name.lstrip('/')}"
        self.made = note.place
        self._note = note

    def wait(self, seconds: float | None) -> bool:
        """Tell whether it has gone."""
        return not os.path.exists(_file(self._note))

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return nothing."""
        return []

    def states(self) -> list[TaskState]:
        """Say how large it is."""
        try:
            size = os.stat(_file(self._note)).st_size
        except OSError:
            return []
        is_memory = self._note.what == MEMORY
        return [TaskState(self.name, f"holds {size} bytes" if is_memory else "is known to nobody any more")]

    def clean_up(self) -> str:
        """Take its name away."""
        name = f"/{self._note.name.lstrip('/')}"
        with contextlib.suppress(OSError):
            if self._note.what == MEMORY:
                sys.modules["_posixshmem"].shm_unlink(name)
            else:
                sys.modules["_multiprocessing"].sem_unlink(name)
        if self._note.called != UNTRACKED:  # else the tracker would look for it at the end
            kind = "shared_memory" if self._note.what == MEMORY else "semaphore"
            sys.modules["multiprocessing.resource_tracker"].unregister(name, kind)
        return f"{self.name} was unlinked"


class LeftPipe:
    """An end of a pipe that is open and that somebody keeps."""

    came = "made"

    def __init__(self, end: Any, made: Place | None) -> None:
        self.name = f"an end of a pipe (descriptor {end.fileno()})"
        self.made = made
        self._end = end

    def wait(self, seconds: float | None) -> bool:
        """Tell whether it is closed."""
        return bool(self._end.closed)

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return nothing."""
        return []

    def states(self) -> list[TaskState]:
        """Say that it is open."""
        return [TaskState(self.name, "is open")]

    def clean_up(self) -> str:
        """Close it."""
        self._end.close()
        return f"{self.name} was closed"


def names(notes: Iterable[Note]) -> list[Joinable]:
    """Return the shared memory that is still there, and semaphores whose maker has ended without taking them away."""
    left = {note.name: note for note in notes if note.what in (MEMORY, SEMAPHORE) and os.path.exists(_file(note))}
    return [LeftName(note) for note in left.values() if note.what == MEMORY or _has_gone(note.maker)]


def _has_gone(pid: int) -> bool:
    """Tell whether a process has ended: while it lives, it takes its semaphores away itself."""
    return pid != os.getpid() and not os.path.exists(f"/proc/{pid}")


def _file(note: Note) -> str:
    name = note.name.lstrip("/")
    return f"{FOLDER}/{name}" if note.what == MEMORY else f"{FOLDER}/sem.{name}"


def pipes(ends: Iterable[Any]) -> list[Any]:
    """Return the ends that are open and that somebody keeps; none while the frames of a test that failed are kept."""
    open_ones = [each for each in ends if not each.closed]
    if not open_ones or hasattr(sys, "last_value"):
        return []
    kept = [id(each) for each in open_ones]
    del open_ones
    gc.collect()
    return [each for each in ends if id(each) in kept and not each.closed]
