"""Processes that begin as a new interpreter write down what they start and make, as those of a fork do."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pytest_concurrency._runtimes.joining import Origins
from pytest_concurrency._runtimes.processes.guarding.notes import Notes
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_HERE: Final = "_concurrency_notes"


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


def reduced(process: Any, protocol: Any, book: Any, begin: Callable[[Any], Any]) -> Any:
    """Return how a process is pickled that is being started: with the file of notes.

    Args:
        process: The process.
        protocol: Of pickling.
        book: What is written into here.
        begin: Called there with what is written into.
    """
    notes, watch = book.notes, book.origins.watch
    from multiprocessing.context import get_spawning_popen
    from multiprocessing.reduction import DupFd, ForkingPickler

    if get_spawning_popen() is None or notes.file is None:
        return object.__reduce_ex__(process, protocol)
    state = bytes(ForkingPickler.dumps(vars(process)))
    handle: Any = DupFd(notes.file)
    return _made_again, (begin, type(process), state, handle, watch.folders, watch.names)


def _made_again(
    begin: Callable[[Any], Any], cls: type, state: bytes, handle: Any, folders: tuple[Path, ...], names: tuple[str, ...]
) -> Any:
    """Note from now on, in the new process, and then make what it is to run."""
    manager = begin(Far(Watch(folders, names), handle.detach()))
    manager.__enter__()
    process: Any = object.__new__(cls)
    vars(process).update(pickle.loads(state))
    vars(process)[_HERE] = manager  # what leaves it would stop noting
    return process
