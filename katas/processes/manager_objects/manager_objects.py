"""The notice board: objects that live in a manager. The contract is in README.md."""

from collections.abc import Callable, Hashable, Iterable
from multiprocessing.context import BaseContext
from multiprocessing.managers import SyncManager
from typing import Any


class Board:
    """Notes under topics, for several processes."""

    def __init__(self, manager: SyncManager) -> None:
        raise NotImplementedError

    def pin(self, topic: Hashable, note: Any) -> None:
        """Add a note behind the others of its topic."""
        raise NotImplementedError

    def take_down(self, topic: Hashable, note: Any) -> bool:
        """Take the oldest equal note away; return whether there was one."""
        raise NotImplementedError

    def notes(self) -> dict[Hashable, list[Any]]:
        """Return all notes, as plain objects."""
        raise NotImplementedError


def collect(context: BaseContext, writers: Iterable[Callable[[Board], object]]) -> dict[Hashable, list[Any]]:
    """Let each write on one board, in a process of its own; return what hangs there then."""
    raise NotImplementedError
