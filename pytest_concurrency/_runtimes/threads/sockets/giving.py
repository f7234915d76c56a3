"""What a task sends through a socket: as soon as there is room for it, piece by piece."""

from __future__ import annotations

import contextlib
import select
from typing import TYPE_CHECKING, Any

from pytest_concurrency._runtimes.threads.sockets.asked import (
    DONTWAIT,
    Asked,
    Held,
    Originals,
    deadline,
    done,
    op_of,
    really,
    stands,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._runtimes.threads.sockets.ends import Address


class Giving:
    """What stands in for `send` and its like.

    Args:
        originals: The methods of sockets.
    """

    def __init__(self, originals: Originals) -> None:
        self._originals = originals

    def give(self, name: str, asked: Asked, frame: FrameType, sock: Any, *args: Any, **kwargs: Any) -> Any:
        if (name != "sendmsg" and not _is_bytes(*args[:1])) or (name == "sendto" and len(args) < 2):
            return self._originals.before[name](sock, *args, **kwargs)  # raises what it should
        to = self._addressed(name, asked, sock, args)
        if asked.end.is_foreign or asked.task.run.stopping:
            return self._originals.before[name](sock, *args, **kwargs)
        if sock.gettimeout() == 0 or kwargs or len(args) > 1 + (name == "sendto") or name == "sendmsg":
            op_of(asked, asked.end.send(to))
            try:
                return self._originals.before[name](sock, *args, **kwargs)
            finally:
                self._gave(asked, sock)
        if name == "sendto":
            return self._sent_to(asked, sock, *args, to=to)
        if not asked.end.is_stream or sock.gettimeout() is not None:
            return self._piece(asked, sock, args[0], to, deadline(asked, sock))
        self.sendall(asked, frame, sock, args[0])
        return memoryview(args[0]).nbytes

    def _addressed(self, name: str, asked: Asked, sock: Any, args: Any) -> Address | None:
        """Return the address to which something is sent, if it is one; who is no part of the run is a stranger."""
        named = args[3:] if name == "sendmsg" else args[1:] if name == "sendto" else ()
        if not named or named[-1] is None:
            return asked.end.peer.address if not asked.end.is_stream and asked.end.peer is not None else None
        to = asked.book.address(sock, named[-1])
        if to is None or to.owner is None:
            asked.end.leaves()
        return to

    def _sent_to(self, asked: Asked, sock: Any, data: Any, name: Any, *, to: Address | None) -> int:
        args = (data, DONTWAIT, name)
        return self._until_room(
            asked, sock, lambda real: int(self._originals.real["sendto"](real, *args)), to, deadline(asked, sock)
        )

    def _piece(self, asked: Asked, sock: Any, data: Any, to: Address | None, until: int | None) -> int:
        return self._until_room(
            asked, sock, lambda real: int(self._originals.real["send"](real, data, DONTWAIT)), to, until
        )

    def _until_room(
        self, asked: Asked, sock: Any, send: Callable[[Any], int], to: Address | None, until: int | None
    ) -> int:
        """Send what there is room for, as soon as there is any."""
        op = asked.end.send(to)
        op_of(asked, op)
        held = Held(sock)
        try:
            while True:
                try:
                    with held.real() as real, _at_once(real):
                        amount = send(real)
                except BlockingIOError:
                    if not stands(asked, held, "send", op, select.POLLOUT, until, asked.end.state):
                        really(asked, held, select.POLLOUT, until)
                    continue
                self._gave(asked, sock)
                return amount
        except OSError:
            done(asked)
            raise
        finally:
            held.close()

    def _gave(self, asked: Asked, sock: Any) -> None:
        if not asked.end.is_stream and sock.fileno() >= 0:
            asked.book.is_bound(asked.end, sock)
        done(asked)

    def sendall(self, asked: Asked, _frame: FrameType, sock: Any, data: Any, flags: Any = 0) -> None:
        if not _is_bytes(data) or not isinstance(flags, int):
            self._originals.before["sendall"](sock, data, flags)  # raises what it should
            return
        to = self._addressed("sendall", asked, sock, ())
        if asked.task.run.stopping or flags or sock.gettimeout() == 0:
            op_of(asked, asked.end.send(to))
            try:
                self._originals.before["sendall"](sock, data, flags | (DONTWAIT if asked.task.run.stopping else 0))
            finally:
                done(asked)
            return
        until, left = deadline(asked, sock), memoryview(data).cast("B")
        while True:
            left = left[self._piece(asked, sock, left, to, until) :]
            if not left:
                return


@contextlib.contextmanager
def _at_once(sock: Any) -> Iterator[None]:
    """Let a socket with a time-out not wait: else Python looks, in real time, whether there is room."""
    timeout = sock.gettimeout()
    if not timeout:
        yield
        return
    sock.settimeout(0)
    try:
        yield
    finally:
        sock.settimeout(timeout)


def _is_bytes(data: Any = None) -> bool:
    """Tell whether something can be sent as it is."""
    try:
        return memoryview(data).contiguous
    except TypeError:
        return False
