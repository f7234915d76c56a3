"""Bytes that tasks of a loop read from a stream: the first may come alone, and who looks proves nothing.

TCP may bring them in any other parts too.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import sys
from asyncio import selector_events, streams
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.loops.pieces import Pieces, asked, one

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches

_pieces: Final = Pieces()


def install(patches: Patches) -> None:
    """Bring less to whoever reads what may come in parts, and take the proof; who asks for all of it is let be."""
    loop: Any = selector_events.BaseSelectorEventLoop
    transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined] # as asyncio names it
    for owner, name, make in (
        (asyncio.StreamReader, "read", _read),
        (loop, "sock_recv", _received),
        (loop, "sock_recv_into", _received),
        (loop, "sock_recvfrom", _received),
        (loop, "sock_recvfrom_into", _received),
        (transport, "_read_ready__data_received", _handed_on),
        (transport, "_read_ready__get_buffer", _handed_on),
    ):
        original = vars(owner)[name]
        patches.set(owner, name, functools.wraps(original)(make(original)))


def _note() -> None:
    task = here.task
    if task is not None:
        task.run.shared.note_opaque()


def _read(original: Callable[..., Any]) -> Callable[..., Any]:
    code = original.__code__

    def read(self: Any, n: int = -1) -> Any:
        if n > 1 and sys._getframe(1).f_code is not code:  # it asks itself for all there is
            _note()
            transport = self._transport
            sock = None if transport is None or len(self._buffer) == 1 else transport.get_extra_info("socket")
            if _pieces.first_alone(transport, sock):
                n = 1
        return original(self, n)

    return read


def _received(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive(self: Any, sock: Any, wanted: Any, nbytes: int = 0) -> Any:
        most = (nbytes,) if nbytes else ()
        amount = asked(wanted, nbytes)
        if amount != 1 and sock.type == socket.SOCK_STREAM:
            _note()
            if amount > 1 and _pieces.first_alone(sock, sock):
                return original(self, sock, one(wanted))
        return original(self, sock, wanted, *most)

    return receive


def _handed_on(original: Callable[..., Any]) -> Callable[..., Any]:
    def read_ready(self: Any) -> None:
        taker = getattr(type(self._protocol), "data_received", None)
        if taker is streams.StreamReaderProtocol.data_received:  # which keeps it until it is asked for
            original(self)
            return
        _note()
        sock = self._sock
        if not (_is_users(self._protocol) and _pieces.first_alone(self, sock)):
            original(self)
            return
        self._sock = _Narrow(sock)
        try:
            original(self)
        finally:
            if type(self._sock) is _Narrow:  # else it is closed
                self._sock = sock

    return read_ready


def _is_users(protocol: Any) -> bool:
    """Tell whether watched code takes what comes: that of a package would cost schedules, and find nothing."""
    task = here.task
    kind = type(protocol)
    takers = [getattr(kind, name, None) for name in ("data_received", "buffer_updated")]
    codes = [code for code in (getattr(taker, "__code__", None) for taker in takers) if code is not None]
    return task is not None and any(task.run.watch.is_watched(code.co_filename) for code in codes)


class _Narrow:
    """A socket that gives one byte at a time."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def recv(self, _wanted: int) -> bytes:
        return bytes(self._sock.recv(1))

    def recv_into(self, buffer: Any) -> int:
        return int(self._sock.recv_into(buffer, 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
