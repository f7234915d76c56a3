"""What a child process does to the world around it, as far as the interpreter tells: it takes the proof away."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from pytest_concurrency._runtimes.processes.child import ChildRun

_TOLD: Final = frozenset(
    {"mmap.__new__", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.truncate",
     "os.listdir", "os.scandir", "socket.bind", "socket.connect", "subprocess.Popen", "shutil.move", "shutil.rmtree",
     "ctypes.addressof", "ctypes.cdata", "ctypes.cdata/buffer", "ctypes.string_at", "ctypes.wstring_at"}
)  # fmt: skip
_CODE: Final = (".py", ".pyc", ".so", ".pth")
"""What imports open: it is the same for all."""


def listen(run: ChildRun) -> None:
    """Hear, for the rest of this process' life, of files, maps, addresses and the like."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if (event in _TOLD or (event == "open" and _is_data(arguments[0]))) and here.task is not None:
            run.tell("blind")

    sys.addaudithook(hear)


def _is_data(path: Any) -> bool:
    name = os.fsdecode(path) if isinstance(path, str | bytes) else ""
    return bool(name) and not name.endswith(_CODE) and name != os.devnull
