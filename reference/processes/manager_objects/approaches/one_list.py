"""The notice board as one list of pairs: each change is one visit, so nobody needs a lock."""

from collections.abc import Callable, Hashable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.managers import SyncManager
from typing import Any


class Board:
    """`append`, `remove` and a whole slice are done by the manager, each at once."""

    def __init__(self, manager: SyncManager) -> None:
        self._pairs = manager.list()

    def pin(self, topic: Hashable, note: Any) -> None:
        self._pairs.append((topic, note))

    def take_down(self, topic: Hashable, note: Any) -> bool:
        try:
            self._pairs.remove((topic, note))
        except ValueError:
            return False
        return True

    def notes(self) -> dict[Hashable, list[Any]]:
        found: dict[Hashable, list[Any]] = {}
        for topic, note in self._pairs[:]:
            found.setdefault(topic, []).append(note)
        return found


def collect(context: BaseContext, writers: Iterable[Callable[[Board], object]]) -> dict[Hashable, list[Any]]:
    """Shut it down by hand."""
    manager = context.Manager()
    try:
        board, running = Board(manager), []
        for writer in writers:
            process = context.Process(target=writer, args=(board,))
            process.start()
            running.append(process)
        while running:
            running.pop().join()
        return board.notes()
    finally:
        manager.shutdown()
