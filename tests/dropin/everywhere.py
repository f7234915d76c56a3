"""Let every lock and simple queue of a process be a double, whoever makes it: for these tests alone.

In a user's session only what watched code makes is a double. Here everything is watched, so that
also the standard library and CPython's own tests make doubles; and where those tests name the
original types (`_thread.allocate_lock`, `_thread.RLock`, a fresh copy of `_queue`), they are
given the doubles.
"""

from __future__ import annotations

import _thread
import queue
from importlib import import_module
from types import ModuleType
from typing import Any

from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._runtimes.threads import installing as patching
from pytest_concurrency._runtimes.threads.locks import LockDouble, RLockDouble
from pytest_concurrency._sight.watching import OWN, WATCHED, Watch, is_own

IN_CHILDREN = """\
import sys
sys.path.insert(0, {tests!r})
from dropin import everywhere
everywhere.install()
del sys.path[0], everywhere, sys
exec(compile({code!r}, "<string>", "exec"))
"""


class Everywhere(Watch):
    """Takes all code but the package's own for the user's."""

    def kind(self, filename: str) -> str:
        return OWN if is_own(filename) else WATCHED


def install() -> None:
    """Put the doubles in place, for the rest of the process, as a session with the plugin does."""
    watch = Everywhere([])
    patching.install_doubles(Patches(), watch)
    waits.begin(watch, kinds.outlooks)


def use_doubles(module: ModuleType, classes: list[Any]) -> None:
    """Give the doubles to test classes that name the original types."""
    originals = {id(real.allocate_lock): LockDouble, id(_thread.LockType): LockDouble, id(_thread.RLock): RLockDouble}
    for each in classes:
        double = originals.get(id(getattr(each, "locktype", None)))
        if double is not None:
            each.locktype = staticmethod(double)
        if hasattr(module, "c_queue") and getattr(each, "queue", None) is module.c_queue:
            each.queue = queue


def install_in_children(tests: str) -> None:
    """Put the doubles in place also in the child interpreters that tests start with `-c`."""
    script_helper: Any = import_module("test.support.script_helper")
    original = script_helper.run_python_until_end

    def run_python_until_end(*arguments: str, **settings: Any) -> Any:
        changed = list(arguments)
        if "-c" in changed:
            at = changed.index("-c") + 1
            changed[at] = IN_CHILDREN.format(tests=tests, code=changed[at])
        return original(*changed, **settings)

    script_helper.run_python_until_end = run_python_until_end
