"""What processes share of the world around them, as far as anybody tells: it takes the proof away."""

from __future__ import annotations

import contextlib
import os
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.processes.files.seen import (
    CODE,
    file_behind,
    handles_of_all,
    is_data,
    number_of,
    shared_maps,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pytest_concurrency._runtimes.processes.child import ChildRun

_TOLD: Final = frozenset(
    {"mmap.__new__", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate",
     "os.listdir", "os.scandir", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "socket.bind",
     "socket.connect", "sqlite3.connect", "subprocess.Popen", "shutil.move", "shutil.rmtree",
     "ctypes.addressof", "ctypes.cdata", "ctypes.cdata/buffer", "ctypes.string_at", "ctypes.wstring_at"}
)  # fmt: skip
_NONE: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType({})
_NO_FILES: Final = ("<unknown>", "<string>")
"""What the interpreter asks for when text is no Python, to show the line: of each map that `with` makes, for one."""
_OWN: Final = ("pym-", "sem.", "memfd:pym-")
"""How multiprocessing names the files of its memory and of its semaphores: what is done there is seen."""


def shares_unseen(opened: Mapping[int, tuple[int, ...]] = _NONE, seen: Collection[bytes] = ()) -> bool:
    """Tell whether children that are forked now have memory or open files in common with this process.

    No access to them shows, neither here nor there. What can only be written, and what is a file without a name, is
    left out: that is where output goes.

    Args:
        opened: Descriptors of files whose accesses are seen, the number of the file last.
        seen: Maps whose accesses are, as `shared_maps` has them.
    """
    return has_unseen_maps(seen) or any(_is_unseen(each) for each in handles_of_all() if not _is_seen(each, opened))


def has_unseen_maps(seen: Collection[bytes] = ()) -> bool:
    """Tell whether this process has mapped what others can see, and nobody sees who uses it."""
    maps = (os.fsdecode(each.split(maxsplit=2)[-1]) for each in shared_maps() - set(seen))
    return not all(_is_own(each) for each in maps)


def has_shared_memory() -> bool:
    """Tell whether memory that a child may have inherited is in use: values and arrays, maps, blocks with a name."""
    heap = sys.modules.get("multiprocessing.heap")
    return (heap is not None and any(heap.BufferWrapper._heap._allocated_blocks.values())) or has_unseen_maps()


def _is_seen(handle: int, opened: Mapping[int, tuple[int, ...]]) -> bool:
    """Tell whether a descriptor is still what it was when it was opened."""
    return handle in opened and opened[handle][-1] == number_of(handle)


def _is_own(path: str) -> bool:
    return path.rpartition("/")[2].startswith(_OWN)


def _is_unseen(handle: int) -> bool:
    import fcntl  # not on every system

    with contextlib.suppress(OSError):  # that of the list itself
        path = file_behind(handle)
        if handle > 2 and path.startswith("/") and not (_is_own(path) or CODE.search(path)):
            is_file = path.startswith(("/memfd:", "/dev/shm/")) or not path.startswith(("/dev/", "/proc/"))
            has_name = path.startswith("/memfd:") or not path.endswith(" (deleted)")
            return is_file and has_name and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE != os.O_WRONLY
    return False


def listen(run: ChildRun) -> None:
    """Hear, for the rest of this process' life, of files, maps, addresses and the like."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        is_file = event == "open" and is_data(arguments[0]) and arguments[0] not in _NO_FILES
        if (event in _TOLD or is_file) and here.task is not None:
            run.blind()

    sys.addaudithook(hear)
