"""Whether somebody has put greenlets in the place of threads, in this process."""

from __future__ import annotations

import sys
from typing import Any

from pytest_concurrency._core.errors import PatchedError


def patched_by() -> str:
    """Return the package that has patched threads or locks here; "" if none has."""
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and (gevent.is_module_patched("thread") or gevent.is_module_patched("threading")):
        return "gevent"
    eventlet: Any = sys.modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("thread"):
        return "eventlet"
    return ""


class _Child:
    """Whether this process was patched by us, to explore what needs the patch.

    Attributes:
        explores: So it is: greenlets stand for threads, and our own code has the originals.
    """

    explores = False

    def begins(self) -> None:
        """Be such a process from now on."""
        self.explores = True


child = _Child()


def require_threads() -> None:
    """Refuse a process whose threads are no threads, unless it was made for that.

    Raises:
        PatchedError: It is patched; the line says by whom, and how to go on.
    """
    who = patched_by()
    if who and not child.explores:
        raise PatchedError(
            f"schedules can be chosen for threads only, got a process in which {who} has patched them: explore in a "
            "process that is not patched, and let what needs the patch of gevent run in a child process, by "
            '@pytest.mark.race(patched="gevent"); tests without race, guard, deadlocks and timing are as without '
            "this plugin"
        )
