"""A consistent view: break three boards, and build one that does not break. See README.md."""

from collections.abc import Callable


def break_writer_locks() -> list[str]:
    """Return a schedule under which the reader of a `WriterLocks` sees a mixture."""
    raise NotImplementedError


def break_cell_locks() -> list[str]:
    """Return a schedule under which the reader of a `CellLocks` sees a mixture."""
    raise NotImplementedError


def break_breathing() -> list[str]:
    """Return a schedule under which the reader of a `Breathing` sees a mixture."""
    raise NotImplementedError


class Board:
    """Cells that show the same number, whenever one looks."""

    def __init__(self, size: int) -> None:
        """Begin with zeros."""
        raise NotImplementedError

    def fill(self, value: int, dip: Callable[[], object] | None = None) -> None:
        """Write one value into all cells, calling `dip()` once for each."""
        raise NotImplementedError

    def copy(self) -> list[int]:
        """Return what is in the cells, as a new list."""
        raise NotImplementedError
