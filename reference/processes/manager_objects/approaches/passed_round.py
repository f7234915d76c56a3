"""The notice board as a plain dict in a queue of the manager: whoever has taken it out is alone with it."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from multiprocessing.managers import SyncManager
from typing import Any

Notes = dict[Hashable, list[Any]]


class Board:
    """The queue holds the board, or nothing while somebody has it."""

    def __init__(self, manager: SyncManager) -> None:
        self._hatch = manager.Queue()
        self._hatch.put({})

    @contextmanager
    def _taken(self) -> Iterator[Notes]:
        notes = self._hatch.get()
        try:
            yield notes
        finally:
            self._hatch.put(notes)

    def pin(self, topic: Hashable, note: Any) -> None:
        with self._taken() as notes:
            notes.setdefault(topic, []).append(note)

    def take_down(self, topic: Hashable, note: Any) -> bool:
        with self._taken() as notes:
            found = note in notes.get(topic, ())
            if found:
                notes[topic].remove(note)
            return found

    def notes(self) -> Notes:
        with self._taken() as notes:
            return {topic: pinned for topic, pinned in notes.items() if pinned}


def collect(context: BaseContext, writers: Iterable[Callable[[Board], object]]) -> Notes:
    """Read the board before the manager ends."""
    with context.Manager() as manager:
        board = Board(manager)
        processes = [context.Process(target=writer, args=(board,)) for writer in writers]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        pinned = board.notes()
    return pinned
