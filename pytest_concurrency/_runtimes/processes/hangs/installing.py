"""Let what waits for other processes be told when it waits for ever."""

from __future__ import annotations

import functools
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine.imports import AfterImport

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

_MODULES: Final = {
    "multiprocessing.popen_fork": "popen",
    "multiprocessing.popen_forkserver": "polling",
    "multiprocessing.synchronize": "semaphores",
    "multiprocessing.connection": "connections",
    "multiprocessing.managers": "managers",
    "socketserver": "serving",
}


def install(patches: Patches, watch: Watch) -> Callable[[], None]:
    """Replace the waits of these modules as soon as they are there; return what stops that.

    Only Linux tells in which call of the system another process is.
    """
    installing = _Installing(patches, watch)
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        installing.begin()
    return installing.end


def take_over(owner: int, folders: tuple[str, ...], names: tuple[str, ...]) -> Any:
    """Let it be written down how threads wait, for the whole life of a process that began as a new interpreter.

    Args:
        owner: The process that runs the tests.
        folders: Where the user's code is.
        names: Of what else is taken for it.

    Returns:
        What waits.
    """
    from pytest_concurrency._hangs.book import waits
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes import kinds
    from pytest_concurrency._runtimes.processes.hangs.notes import notes
    from pytest_concurrency._runtimes.processes.hangs.real_waits import RealWaits
    from pytest_concurrency._sight.watching import Watch

    patches, watch = Patches(), Watch(map(Path, folders), names)
    notes.belongs_to(owner)
    kinds.of_threads().install(patches, watch)
    waits.begin(watch, list, root=threading.main_thread().ident)
    install(patches, watch)
    return RealWaits(patches, watch)


class _Installing:
    """Loads what it needs when the first module is there of which it replaces something."""

    def __init__(self, patches: Patches, watch: Watch) -> None:
        self._patches = patches
        self._watch = watch
        self._imports = AfterImport()
        self._ends: list[Callable[[], None]] = []

    def begin(self) -> None:
        """Look out for the modules."""
        for name, method in _MODULES.items():
            self._imports.add(name, functools.partial(self._replace, method))
        for name, owner in (("subprocess", "Popen"), ("socket", "socket")):
            self._imports.add(name, functools.partial(self._at_first, owner, name))
        self._imports.add("multiprocessing.spawn", self._begins_anew)
        self._imports.install()

    def end(self) -> None:
        """Stop that, and ask of other processes no more."""
        self._imports.uninstall()
        while self._ends:
            self._ends.pop()()

    def _replace(self, method: str, module: Any) -> None:
        from pytest_concurrency._hangs.book import waits
        from pytest_concurrency._runtimes.processes.hangs.outlook import ProcessesOutlook
        from pytest_concurrency._runtimes.processes.hangs.real_waits import RealWaits

        if not self._ends:
            self._ends.append(waits.tell_elsewhere(ProcessesOutlook()))
        getattr(RealWaits(self._patches, self._watch), method)(module)

    def _begins_anew(self, _module: Any) -> None:
        """Have processes that begin as a new interpreter do the same."""
        from pytest_concurrency._runtimes.processes.hangs import newborn

        newborn.install(self._patches, self._watch, __name__)

    def _at_first(self, owner: str, method: str, module: Any) -> None:
        """Replace the waits of a module when the first object of it is made: pytest itself has imported it."""
        kind = getattr(module, owner)
        begin = kind.__init__
        ask = [module]

        @functools.wraps(begin)
        def __init__(made: Any, *args: Any, **kwargs: Any) -> None:
            while ask:
                self._replace(method, ask.pop())
            begin(made, *args, **kwargs)

        self._patches.set(kind, "__init__", __init__)
