"""A consistent view: three schedules, and a board that does not break.

Each schedule changes over when one thread has passed some of the cells, at a place where the other
one does not have to wait: nobody keeps the reader out of the first board, and the others leave a gap
after each cell. The new board has no gap. Dipping, which takes time and may fail, comes first and
touches nothing; then all cells are written under the lock which whoever copies takes as well.
"""

import threading
from collections.abc import Callable


def break_writer_locks() -> list[str]:
    """Return a schedule under which the reader of a `WriterLocks` sees a mixture."""
    return ["reader: until copy:25", "writer: to the end", "reader: to the end"]


def break_cell_locks() -> list[str]:
    """Return a schedule under which the reader of a `CellLocks` sees a mixture."""
    return ["writer: until acquire", "writer: until acquire", "reader: to the end"]


def break_breathing() -> list[str]:
    """Return a schedule under which the reader of a `Breathing` sees a mixture."""
    return ["writer: until fill:68", "reader: to the end"]


class Board:
    """Cells that show the same number, whenever one looks."""

    def __init__(self, size: int) -> None:
        """Begin with zeros."""
        self._cells = [0] * size
        self._lock = threading.Lock()

    def fill(self, value: int, dip: Callable[[], object] | None = None) -> None:
        """Write one value into all cells, calling `dip()` once for each."""
        if dip is not None:
            for _ in range(len(self._cells)):
                dip()
        with self._lock:
            for place in reversed(range(len(self._cells))):
                self._cells[place] = value

    def copy(self) -> list[int]:
        """Return what is in the cells, as a new list."""
        with self._lock:
            return list(self._cells)
