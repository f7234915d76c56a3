"""What `socketserver` does with time: in a run its loop is told when it is to end, and need not look now and then."""

from __future__ import annotations

import functools
import selectors
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
    """What stands in for `BaseServer.shutdown`, and for `handle_request`.

    Args:
        room: The sockets of the present run.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._patches: Patches | None = None

    def install(self, patches: Patches) -> None:
        """Put the first in place as soon as a server serves, the second where there are servers."""
        self._patches = patches
        module: Any = sys.modules.get("socketserver")
        if module is not None:
            patches.set(module.BaseServer, "handle_request", self._handling(module, module.BaseServer.handle_request))

    def knows(self, server: Any) -> bool:
        """Tell whether a server's loop does nothing between two looks, so that it need not come round."""
        base: Any = sys.modules["socketserver"].BaseServer
        if self._patches is not None:
            self._patches.set(base, "shutdown", self._shutting(base.shutdown))
            self._patches = None
        return type(server).service_actions is base.service_actions

    def _handling(self, module: Any, original: Callable[[Any], None]) -> Callable[[Any], None]:
        """Wait once for as long as is allowed: the original measures, in real time, how long it has waited."""

        @functools.wraps(original)
        def handle_request(server: Any) -> Any:
            limits = [each for each in (server.socket.gettimeout(), server.timeout) if each is not None]
            task = here.task
            if not limits or task is None or task.run.stopping or self._room.of(task) is None:
                return original(server)
            with module._ServerSelector() as selector:
                selector.register(server, selectors.EVENT_READ)
                is_asked = selector.select(min(limits))
            return server._handle_request_noblock() if is_asked else server.handle_timeout()

        return handle_request

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
