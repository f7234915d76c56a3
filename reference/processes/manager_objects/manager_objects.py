"""The notice board: a worked solution."""

from collections.abc import Callable, Hashable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.managers import SyncManager
from typing import Any


class Board:
    """A dict of lists; each list is fetched, changed and put back under a lock."""

    def __init__(self, manager: SyncManager) -> None:
        self._lock = manager.Lock()
        self._board = manager.dict()

    def pin(self, topic: Hashable, note: Any) -> None:
        with self._lock:
            notes = self._board.get(topic, [])
            notes.append(note)
            self._board[topic] = notes

    def take_down(self, topic: Hashable, note: Any) -> bool:
        with self._lock:
            notes = self._board.get(topic, [])
            if note not in notes:
                return False
            notes.remove(note)
            self._board[topic] = notes
            return True

    def notes(self) -> dict[Hashable, list[Any]]:
        return {topic: notes for topic, notes in self._board.copy().items() if notes}


def collect(context: BaseContext, writers: Iterable[Callable[[Board], object]]) -> dict[Hashable, list[Any]]:
    """Do everything while the manager lives."""
    with context.Manager() as manager:
        board = Board(manager)
        processes = [context.Process(target=writer, args=(board,)) for writer in writers]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return board.notes()
