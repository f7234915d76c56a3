"""Many copy side by side: the first reader shuts the door for those who write, the last one opens it."""

import threading
from collections.abc import Callable


def break_writer_locks() -> list[str]:
    """Return a schedule under which the reader of a `WriterLocks` sees a mixture."""
    return ["reader: until copy:25", "writer: to the end", "reader: to the end"]


def break_cell_locks() -> list[str]:
    """Return a schedule under which the reader of a `CellLocks` sees a mixture."""
    return ["writer: until acquire", "writer: until acquire", "reader: to the end", "writer: to the end"]


def break_breathing() -> list[str]:
    """Return a schedule under which the reader of a `Breathing` sees a mixture."""
    return ["writer: until fill:68", "reader: to the end", "writer: to the end"]


class Board:
    """Cells that show the same number, whenever one looks."""

    def __init__(self, size: int) -> None:
        self._cells = [0] * size
        self._door = threading.Semaphore(1)
        self._counter = threading.Lock()
        self._looking = 0

    def fill(self, value: int, dip: Callable[[], object] | None = None) -> None:
        if dip is not None:
            for _ in self._cells:
                dip()
        with self._door:
            for place in range(len(self._cells)):
                self._cells[place] = value

    def copy(self) -> list[int]:
        with self._counter:
            if self._looking == 0:
                self._door.acquire()
            self._looking += 1
        try:
            return [cell for cell in self._cells]
        finally:
            with self._counter:
                self._looking -= 1
                if self._looking == 0:
                    self._door.release()
