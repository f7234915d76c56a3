"""Processes that begin as a new interpreter write down what they start and make, as those of a fork do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pytest_concurrency._runtimes.joining import Origins
from pytest_concurrency._runtimes.processes.guarding.notes import Notes
from pytest_concurrency._runtimes.processes.pickling import Prelude
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Far:
    """What `noting` writes into, in such a process; what it knows besides the notes, nobody asks there.

    Args:
        watch: Whose lines count.
        file: The file of notes of the process that runs the tests.
    """

    def __init__(self, watch: Watch, file: int) -> None:
        self.origins = Origins(watch)
        self.notes = Notes(self.origins, file)
        self.popens: list[Any] = []
        self.workers: list[Any] = []
        self.pools: list[Any] = []
        self.pipes: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def prelude(book: Any, begin: Callable[[Any], Any]) -> Prelude | None:
    """Return what a process that is being started is to begin with, if there is a file of notes.

    Args:
        book: What is written into here.
        begin: Called there with what is written into.
    """
    notes, watch = book.notes, book.origins.watch
    from multiprocessing.reduction import DupFd

    if notes.file is None:
        return None
    handle: Any = DupFd(notes.file)
    return Prelude(_begin, begin, handle, watch.folders, watch.names)


def _begin(begin: Callable[[Any], Any], handle: Any, folders: tuple[Path, ...], names: tuple[str, ...]) -> None:
    """Note from now on, in the new process."""
    manager = begin(Far(Watch(folders, names), handle.detach()))
    manager.__enter__()
    _managers.append(manager)


_managers: Final[list[Any]] = []
"""What leaves one would stop noting."""
