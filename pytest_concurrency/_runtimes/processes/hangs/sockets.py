"""Sockets in real time: who waits without a limit for what another one sends, or takes, is told when nobody will.

A server that waits for a connection only has nothing to do: it is no reason for a verdict, nor against one. Whoever
waits for its end is left alone, as somebody may want to connect from elsewhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import socket
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._hangs.book import Wait, waits
from pytest_concurrency._machine.sockets import is_answered_at_once, may_not_wait
from pytest_concurrency._runtimes.processes.hangs.notes import notes
from pytest_concurrency._runtimes.processes.hangs.system import READS, WRITES
from pytest_concurrency._runtimes.processes.hangs.targets import Accepting, Socket

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.hangs.targets import Target

_READING: Final = ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into")
_WRITING: Final = ("send", "sendmsg")


class RealSockets:
    """What stands in for the methods of `socket.socket` that wait.

    Args:
        patches: What is replaced.
        slowly: Waits, as `RealWaits.wait` does.
    """

    def __init__(self, patches: Patches, slowly: Callable[..., Any]) -> None:
        self._patches = patches
        self._slowly = slowly

    def install(self, module: Any) -> None:
        """Replace them."""
        owner, patches = module.socket, self._patches
        for names, other, event in ((_READING, WRITES, select.POLLIN), (_WRITING, READS, select.POLLOUT)):
            for name in names:
                patches.set(owner, name, self._waiting(getattr(owner, name), other, event))
        patches.set(owner, "sendall", self._in_pieces(owner.sendall))
        patches.set(owner, "_accept", self._accepting(owner._accept))

    def serving(self, module: Any) -> None:
        """Let the loop of `socketserver` stand in the book as one that has nothing to do, while it has."""

        class Selector(module._ServerSelector):  # type: ignore[misc] # whichever it is
            serves: Wait | None = None  # one for all: to who looks, it has not moved

            def select(self, timeout: float | None = None) -> Any:
                if self.serves is None:
                    self.serves = Wait(Accepting(), idle=True)
                outer = waits.enter(self.serves)
                try:
                    return super().select(timeout)
                finally:
                    waits.leave(self.serves, outer)

        self._patches.set(module, "_ServerSelector", Selector)

    def _waiting(self, original: Callable[..., Any], other: str, event: int) -> Any:
        name = original.__name__

        @functools.wraps(original)
        def method(sock: Any, *args: Any, **kwargs: Any) -> Any:
            if other == WRITES and is_answered_at_once(name, args, kwargs):
                return original(sock, *args, **kwargs)
            if here.task is None and sock.gettimeout() is None and not may_not_wait(name, args, kwargs):
                self._until(sock, lambda handle: Socket(sock, handle, other, name), event)
            return original(sock, *args, **kwargs)

        return method

    def _in_pieces(self, original: Callable[..., Any]) -> Any:
        @functools.wraps(original)
        def sendall(sock: Any, data: Any, *flags: Any) -> Any:
            if here.task is not None or flags or sock.gettimeout() is not None or notes.is_elsewhere:
                return original(sock, data, *flags)
            left = memoryview(data).cast("B")
            while left:
                self._until(sock, lambda handle: Socket(sock, handle, READS, "send"), select.POLLOUT)
                with contextlib.suppress(BlockingIOError):
                    left = left[sock.send(left, socket.MSG_DONTWAIT) :]
            return None

        return sendall

    def _accepting(self, original: Callable[..., Any]) -> Any:
        @functools.wraps(original)
        def accept(sock: Any) -> Any:
            if here.task is None and sock.gettimeout() is None and not notes.is_elsewhere:
                self._until(sock, lambda _: Accepting(), select.POLLIN)
            return original(sock)

        return accept

    def _until(self, sock: Any, target: Callable[[int], Target], event: int) -> None:
        asked = select.poll()
        if sock.fileno() < 0:
            return
        asked.register(sock.fileno(), event)
        if asked.poll(0):
            return
        # The system keeps a socket open for who waits at it, so that nobody wakes him by closing it: so do we.
        asked.unregister(sock.fileno())
        handle = os.dup(sock.fileno())
        try:
            asked.register(handle, event)
            self._slowly(target(handle), lambda length: bool(asked.poll(length * 1000)), lambda: None)
        finally:
            os.close(handle)
