"""`open` where processes share files: each read and write of the system is a step, when it is really made."""

from __future__ import annotations

import builtins
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.processes.files.seen import NAMES, called, content_of, is_data
from pytest_concurrency._runtimes.processes.files.stand import put
from pytest_concurrency._runtimes.processes.free import uncontrolled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.files.seen import Files, Things

_MODE: Final = re.compile(r"[rwxa]\+?[bt]?\+?|[bt][rwxa]\+?")
_LARGEST: Final = 8 << 20
_HAS_LARGE_BUFFERS: Final = sys.version_info >= (3, 14)


class SeenFile(io.FileIO):
    """A file of the system, of which every read and write is a step while others are in the run.

    Args:
        files: Who is asked.
        file: The path or the descriptor.
        rest: What `io.FileIO` takes besides.
    """

    def __init__(self, files: Files, file: Any, *rest: Any) -> None:
        self._seen_by = files
        super().__init__(file, *rest)
        if not isinstance(file, int):
            files.has_opened(self.fileno())

    def _step(self, verb: str, *, writes: bool = False, moves: bool = True) -> Any:
        task = self._seen_by.asks()
        if task is None or self.closed:
            return None
        name = self.name if isinstance(self.name, (str, bytes)) else ""
        is_file = self._seen_by.content(task, verb, self.fileno(), os.fsdecode(name), writes=writes, moves=moves)
        return task if is_file else None

    def _showed(self, task: Any, value: Any) -> None:
        if task is not None:
            self._seen_by.showed(task, value)

    def readinto(self, buffer: Any, /) -> Any:
        """Read a part."""
        task = self._step("read")
        count = super().readinto(buffer)
        self._showed(task, bytes(memoryview(buffer)[: count or 0]))
        return count

    def read(self, size: int | None = -1, /) -> Any:
        """Read a part, or all."""
        task = self._step("read")
        data = super().read(-1 if size is None else size)
        self._showed(task, data)
        return data

    def readall(self) -> Any:
        """Read all."""
        task = self._step("read")
        data = super().readall()
        self._showed(task, data)
        return data

    def write(self, data: Any, /) -> Any:
        """Write."""
        task = self._step("write", writes=True)
        count = super().write(data)
        self._showed(task, bytes(memoryview(data)[: count or 0]) if task is not None else None)
        return count

    def truncate(self, size: int | None = None, /) -> int:
        """Change the size."""
        self._step("truncate", writes=True)
        return super().truncate(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position: a step where that asks for the end, or is the position of others, too."""
        if whence == os.SEEK_END or not self._seen_by.is_alone_with(self.fileno()):
            self._step("seek in")
        return super().seek(offset, whence)

    def tell(self) -> int:
        """Return the position, which other processes may have too."""
        if not self._seen_by.is_alone_with(self.fileno()):
            self._step("seek in")
        return super().tell()

    def close(self) -> None:
        """Close it, and give back its locks."""
        files = self.__dict__.get("_seen_by")
        if files is None or self.closed or not self.closefd:
            super().close()
            return
        handle = self.fileno()
        locks = files.lets_go(handle)
        super().close()
        files.let_go(locks)
        files.forgets(handle)


class Opening:
    """What stands in for `open`."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._real: Any = io.open

    def install(self, patches: Patches, bound: Iterable[ModuleType]) -> None:
        """Put it in place of `open` and `io.open`."""
        self._real = put(patches, io, "open", self.open, bound)
        patches.set(builtins, "open", vars(io)["open"])

    def open(
        self, file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None,
        newline: Any = None, closefd: bool = True, opener: Any = None,  # noqa: FBT001,FBT002
    ) -> Any:  # fmt: skip
        """Stand in for `open`."""
        rest = (mode, buffering, encoding, errors, newline, closefd, opener)
        if here.task is None or not _is_right(*rest[:5]) or not (isinstance(file, int) or is_data(file)):
            return self._real(file, *rest)
        letters = "".join(sorted(set(mode) - {"b", "t"}, reverse=True))
        task = self._files.asks()
        if task is not None and not isinstance(file, int):
            self._files.settles(task, "open", (called(file),), lambda: plan(file, letters))
        makes = task is not None and "r" not in letters and content_of(file) is None
        with uncontrolled():
            raw = SeenFile(self._files, file, letters, closefd, opener)
            if task is not None and makes:
                self._files.has_made(task, raw.fileno())
            try:
                return _layers(raw, *rest[:5])
            except BaseException:
                raw.close()
                raise


def plan(path: Any, letters: str) -> Things | None:
    """Return what is touched by who opens a file in some mode."""
    content = content_of(path)
    if content is not None:
        changes = (content, "w" in letters)
        return ((NAMES, False), changes) if "w" in letters or "a" in letters else ((NAMES, False),)
    return ((NAMES, not letters.startswith("r")),)


def _is_right(mode: Any, buffering: Any, encoding: Any, errors: Any, newline: Any) -> bool:
    """Tell whether the real one would take this; it says itself what is wrong."""
    if type(mode) is not str or type(buffering) is not int or not _MODE.fullmatch(mode):
        return False
    return (buffering != 1 and encoding is errors is newline is None) if "b" in mode else buffering != 0


def _layers(raw: SeenFile, mode: str, buffering: int, encoding: Any, errors: Any, newline: Any) -> Any:
    """Put the buffer and the text over a file, as the real one does."""
    if buffering == 0:
        return raw
    by_line = buffering == 1 or (buffering < 0 and raw.isatty())
    size = buffering if buffering > 1 else _size(raw)
    kind: Any = io.BufferedReader
    if "+" in mode:
        kind = io.BufferedRandom
    elif "r" not in mode:
        kind = io.BufferedWriter
    buffer = kind(raw, size)
    if "b" in mode:
        return buffer
    text: Any = io.TextIOWrapper(buffer, encoding, errors, newline, by_line)
    vars(text)["mode"] = mode
    return text


def _size(raw: SeenFile) -> int:
    block: int = raw._blksize  # type: ignore[attr-defined] # of every Python
    if _HAS_LARGE_BUFFERS:
        return max(min(block, _LARGEST), io.DEFAULT_BUFFER_SIZE)
    return block if block > 1 else io.DEFAULT_BUFFER_SIZE
