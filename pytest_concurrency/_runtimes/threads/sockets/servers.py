"""The loop of `socketserver`, which looks every half second whether it is to end: in a run it is told so."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.operations import WRITE
from pytest_concurrency._core.verbs import operation
from pytest_concurrency._engine.current import here
from pytest_concurrency._sight.watching import is_own

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.threads.sockets.asked import Room


class Servers:
    """What stands in for `BaseServer.shutdown`.

    Args:
        room: The sockets of the present run.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._patches: Patches | None = None

    def install(self, patches: Patches) -> None:
        """Put it in place as soon as a server serves."""
        self._patches = patches

    def knows(self, server: Any) -> bool:
        """Tell whether a server's loop does nothing between two looks, so that it need not come round."""
        base: Any = sys.modules["socketserver"].BaseServer
        if self._patches is not None:
            self._patches.set(base, "shutdown", self._shutting(base.shutdown))
            self._patches = None
        return type(server).service_actions is base.service_actions

    def _shutting(self, original: Callable[[Any], None]) -> Callable[[Any], None]:
        @functools.wraps(original)
        def shutdown(server: Any) -> None:
            task, book = here.task, self._room.book
            if task is not None and book is not None and book.run is task.run and not task.run.stopping:
                its = book.spot_of(task.run.serial(server), "server")
                task.run.reach(task, operation("shutdown", ((its.key, WRITE),)))
                server._BaseServer__shutdown_request = True
                book.lines.changed()
            original(server)

        return shutdown


def serving(frame: FrameType | None) -> Any:
    """Return the server in whose loop a selector waits; None where it is no server's."""
    while frame is not None and (is_own(frame.f_code.co_filename) or frame.f_globals.get("__name__") == "selectors"):
        frame = frame.f_back
    if frame is None or frame.f_code.co_name != "serve_forever" or frame.f_globals.get("__name__") != "socketserver":
        return None
    return frame.f_locals["self"]


def is_to_end(server: Any) -> bool:
    """Tell whether somebody has shut a server down."""
    return bool(server._BaseServer__shutdown_request)
