"""What a test and its forked children start or make, with the lines: written down where both can see it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.telling.report import Place

if TYPE_CHECKING:
    from pytest_concurrency._runtimes.joining import Origins

CHILD: Final = "child"
MEMORY: Final = "shared memory"
SEMAPHORE: Final = "semaphore"


@dataclass(frozen=True, slots=True)
class Note:
    """What was made, by which process, and at which line.

    Attributes:
        what: A child, a piece of shared memory, a semaphore.
        name: Its name for the system; the number of a child.
        called: What a report calls it.
        maker: The number of the process that has made it.
        place: The line, if that is known.
    """

    what: str
    name: str
    called: str
    maker: int
    place: Place | None


class Notes:
    """A file that children inherit by fork, or are given.

    Args:
        origins: Knows the lines.
        file: The file of another process, for one that is given it; None for the process that runs the tests.

    Attributes:
        file: Its descriptor, once it is open.
    """

    def __init__(self, origins: Origins, file: int | None = None) -> None:
        self._origins = origins
        self._owner = os.getpid() if file is None else None
        self.file = file
        self._own: list[Note] = []

    def open(self) -> None:
        """Begin, before children are started that shall write, too."""
        if self.file is None and hasattr(os, "fork"):
            memory = getattr(os, "memfd_create", None)  # Linux
            self.file = memory("pym-children-of-pytest-concurrency") if memory is not None else _temporary()

    def write(self, what: str, name: object, called: str = "") -> None:
        """Write down that the calling thread has made something."""
        place = self._origins.caller()
        if os.getpid() == self._owner:
            self._own.append(Note(what, str(name), called, self._owner, place))
        elif self.file is not None:
            where = [] if place is None else [place.file, str(place.line)]
            line = "\0".join([what, str(name), called, str(os.getpid()), *where]).replace("\n", " ")
            os.write(self.file, f"{line}\n".encode(errors="replace"))  # one write: all share the place in the file

    def read(self) -> list[Note]:
        """Return everything."""
        if self.file is None:
            return self._own
        size = os.fstat(self.file).st_size
        lines = os.pread(self.file, size, 0).decode(errors="replace").splitlines()
        return [*self._own, *(note for line in lines if (note := _note(line)) is not None)]

    def close(self) -> None:
        """Forget everything."""
        if self.file is not None:
            os.close(self.file)
            self.file = None


def _temporary() -> int:
    number, path = tempfile.mkstemp()
    os.unlink(path)
    return number


def _note(line: str) -> Note | None:
    try:
        what, name, called, maker, *where = line.split("\0")
        return Note(what, name, called, int(maker), Place(where[0], int(where[1])) if len(where) == 2 else None)
    except ValueError:
        return None
