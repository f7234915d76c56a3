"""Bytes that a greenlet reads from a stream: TCP may bring them in other parts, so who looks proves nothing."""

from __future__ import annotations

import functools
import socket
import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches


def install(patches: Patches) -> None:
    """Take the proof from a run in which a greenlet asks a stream for more than one byte."""
    sockets: Any = sys.modules["gevent._socketcommon"].SocketMixin
    for name in ("recv", "recv_into"):
        original = vars(sockets)[name]
        patches.set(sockets, name, functools.wraps(original)(_received(original)))


def _received(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive(self: Any, wanted: Any, *args: Any) -> Any:
        task = here.task
        if task is not None and wanted != 1 and self.type == socket.SOCK_STREAM:
            task.run.shared.note_opaque()
        return original(self, wanted, *args)

    return receive
