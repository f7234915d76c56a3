"""Bytes that a greenlet reads from a stream: the first may come alone, and who looks proves nothing.

TCP may bring them in any other parts too.
"""

from __future__ import annotations

import functools
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.loops.pieces import Pieces, asked, one

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches

_pieces: Final = Pieces()


def install(patches: Patches) -> None:
    """Bring less to a greenlet that asks a stream for more than one byte, and take the proof from the run."""
    sockets: Any = sys.modules["gevent._socketcommon"].SocketMixin
    for name in ("recv", "recv_into", "recvfrom", "recvfrom_into"):
        original = vars(sockets)[name]
        patches.set(sockets, name, functools.wraps(original)(_received(original)))


def _received(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive(self: Any, wanted: Any, *args: Any) -> Any:
        task = here.task
        if task is None or self.type != socket.SOCK_STREAM:
            return original(self, wanted, *args)
        most, flags = ((), args) if isinstance(wanted, int) else (args[:1], args[1:])
        amount = asked(wanted, *most)
        if amount != 1:
            task.run.shared.note_opaque()
            if amount > 1 and not any(flags) and _pieces.first_alone(self, self):
                return original(self, one(wanted))
        return original(self, wanted, *args)

    return receive
