"""Let what waits for other processes be told when it waits for ever."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine.imports import AfterImport

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch

_MODULES: Final = {
    "multiprocessing.popen_fork": "popen",
    "multiprocessing.synchronize": "semaphores",
    "multiprocessing.connection": "connections",
    "multiprocessing.managers": "managers",
}


def install(patches: Patches, watch: Watch) -> Callable[[], None]:
    """Replace the waits of these modules as soon as they are there; return what stops that.

    Only Linux tells in which call of the system another process is.
    """
    installing = _Installing(patches, watch)
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        installing.begin()
    return installing.end


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
        self._imports.add("subprocess", self._at_first_use)
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

    def _at_first_use(self, module: Any) -> None:
        """Replace the waits of `subprocess` when it starts its first command: pytest itself has imported it."""
        begin = module.Popen.__init__
        ask = [module]

        @functools.wraps(begin)
        def __init__(popen: Any, *args: Any, **kwargs: Any) -> None:
            while ask:
                self._replace("subprocess", ask.pop())
            begin(popen, *args, **kwargs)

        self._patches.set(module.Popen, "__init__", __init__)
