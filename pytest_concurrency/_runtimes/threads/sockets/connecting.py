"""How connections begin and end: bind, listen, connect, accept, shutdown, close."""

from __future__ import annotations

import errno
import select
import socket
import struct
from typing import TYPE_CHECKING, Any

from pytest_concurrency._runtimes.threads.sockets.asked import (
    Asked,
    Held,
    Originals,
    deadline,
    done,
    op_of,
    stands,
    waits,
)  # fmt: skip

if TYPE_CHECKING:
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._runtimes.threads.sockets.ends import Address, End


class Connecting:
    """What stands in for the methods.

    Args:
        originals: The methods of sockets.
    """

    def __init__(self, originals: Originals) -> None:
        self._originals = originals

    def accept(self, asked: Asked, _frame: FrameType, sock: Any) -> Any:
        op = asked.end.accept()
        held = Held(sock)
        try:
            if sock.gettimeout() == 0 or not asked.end.is_listening:
                op_of(asked, op)  # it is ready, or it raises
            elif not stands(asked, held, "accept", op, select.POLLIN, deadline(asked, sock)):
                return self._originals.before["accept"](sock)
            with held.real() as real:
                handle, name = real._accept()
            address = asked.end.address
            asked.book.accepting(asked.end, None if address is None else address.accepted(name))
            made = socket.socket(sock.family, sock.type, sock.proto, fileno=handle)
            if socket.getdefaulttimeout() is None and sock.gettimeout():  # as the original does
                made.setblocking(True)
        finally:
            asked.book.accepting(None, None)
            held.close()
        asked.end.has_taken(1, 1)
        done(asked)
        return made, name

    def connect(self, asked: Asked, frame: FrameType, sock: Any, name: Any) -> None:
        self._connected("connect", asked, frame, sock, name)

    def connect_ex(self, asked: Asked, frame: FrameType, sock: Any, name: Any) -> int:
        return int(self._connected("connect_ex", asked, frame, sock, name))

    def _connected(self, which: str, asked: Asked, _frame: FrameType, sock: Any, name: Any) -> Any:
        end = asked.end
        address = asked.book.address(sock, name)
        if address is None or asked.task.run.stopping:
            end.leaves()
            return self._originals.before[which](sock, name)
        op = end.op("connect", address.spot, end.coming, end.state)
        op_of(asked, op)
        try:
            answer = self._real_connect(which, asked, op, address, sock, name)
        except BlockingIOError:
            self._has_come(asked, sock, address)
            raise
        else:
            if answer in (None, 0, errno.EINPROGRESS):
                self._has_come(asked, sock, address)
            return answer
        finally:
            done(asked)

    def _has_come(self, asked: Asked, sock: Any, address: Address) -> None:
        """Note that a socket has connected: to one of the run, or to a stranger."""
        end = asked.end
        if address.owner is None or end.peer is not None or end.arrives_at is not None:
            if address.owner is None:
                end.leaves()
            return
        if end.is_stream:
            end.has_arrived(address, sock.getsockname(), asked.book.expected(sock))
        else:
            asked.book.is_bound(end, sock)
            end.meets(address.owner)

    def _real_connect(self, which: str, asked: Asked, op: Operation, address: Address, sock: Any, name: Any) -> Any:
        """Connect as soon as the system has room for one more who is not accepted yet."""
        timeout, until = sock.gettimeout(), deadline(asked, sock)
        if timeout == 0 or not asked.end.is_stream:
            return self._originals.before[which](sock, name)
        while True:
            seen = 0 if address.owner is None else address.owner.taken
            if has_room(address):
                try:
                    sock.settimeout(0 if is_local(sock) else timeout)  # which says whether there is room by trying
                    answer = self._originals.before[which](sock, name)
                    if answer != errno.EAGAIN:
                        return answer
                except BlockingIOError:
                    pass
                finally:
                    sock.settimeout(timeout)

            def has(seen: int = seen) -> bool:
                return address.owner is None or (address.owner.taken != seen and has_room(address))

            if not waits(asked, "connect", op, asked.end.coming, until, has):
                return self._originals.before[which](sock, name)

    def bind(self, asked: Asked, _frame: FrameType, sock: Any, name: Any) -> None:
        address = asked.book.address(sock, name)
        if address is not None:
            op_of(asked, asked.end.op("bind", address.spot, asked.end.coming))
        self._originals.real["bind"](sock, name)
        asked.book.is_bound(asked.end, sock)
        done(asked)

    def listen(self, asked: Asked, _frame: FrameType, sock: Any, *backlog: Any) -> None:
        end: End = asked.end
        bound = () if end.address is None else (end.address.spot,)
        op_of(asked, end.op("listen", *bound, end.coming))
        self._originals.real["listen"](sock, *backlog)
        asked.book.is_bound(end, sock)
        if end.address is not None and end.address.owner not in (None, end):
            asked.task.run.shared.note_opaque()  # which of two that listen there gets a connection, the system knows
        end.listens()
        done(asked)

    # -- ends

    def shutdown(self, asked: Asked, _frame: FrameType, sock: Any, how: int) -> None:
        op_of(asked, asked.end.ends("shutdown"))
        try:
            self._originals.real["shutdown"](sock, how)
        finally:
            done(asked)

    def close(self, asked: Asked, _frame: FrameType, sock: Any) -> None:
        handle = sock.fileno()
        op_of(asked, asked.end.ends("close"))
        try:
            self._originals.real["close"](sock)
        finally:
            if sock.fileno() < 0:
                asked.book.lets_go(asked.end, handle)
            done(asked)

    def detach(self, asked: Asked, _frame: FrameType, sock: Any) -> int:
        asked.end.is_loose()
        return int(self._originals.real["detach"](sock))


def is_local(sock: Any) -> bool:
    """Tell whether a socket is found by a path."""
    return bool(sock.family == getattr(socket, "AF_UNIX", None))


def has_room(address: Address) -> bool:
    """Tell whether the system lets one more connect who is not accepted yet, as far as it says so."""
    owner = None if address.owner is None or address.owner.sock is None else address.owner.sock()
    if owner is None or owner.fileno() < 0 or is_local(owner) or not hasattr(socket, "TCP_INFO"):
        return True
    waiting, most = struct.unpack_from("=II", owner.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32), 24)
    return bool(waiting <= most)
