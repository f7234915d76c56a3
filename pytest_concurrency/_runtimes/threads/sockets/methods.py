"""The methods of `socket.socket` as a task of a run meets them: the real socket does it, and is the truth."""

from __future__ import annotations

import functools
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._runtimes.threads.sockets.asked import Originals, Room
from pytest_concurrency._runtimes.threads.sockets.book import is_aside
from pytest_concurrency._runtimes.threads.sockets.connecting import Connecting
from pytest_concurrency._runtimes.threads.sockets.giving import Giving
from pytest_concurrency._runtimes.threads.sockets.taking import Taking

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches

TAKING: Final = ("recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into")
GIVING: Final = ("send", "sendto", "sendmsg")
OTHERS: Final = ("accept", "connect", "connect_ex", "bind", "listen", "shutdown", "close", "detach")


class Methods:
    """What stands in for the methods.

    Args:
        room: The sockets of the present run.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._originals = Originals((*TAKING, *GIVING, *OTHERS, "sendall", "__init__"))

    def install(self, patches: Patches) -> None:
        """Put them in place, around what has been put there since."""
        owner: Any = socket.socket
        originals = self._originals
        originals.again()
        taking, giving, connecting = Taking(originals), Giving(originals), Connecting(originals)
        doubles: dict[str, Callable[..., Any]] = {name: functools.partial(taking.take, name) for name in TAKING}
        doubles |= {name: functools.partial(giving.give, name) for name in GIVING}
        doubles |= {name: getattr(connecting, name) for name in OTHERS}
        for name, double in (*doubles.items(), ("sendall", giving.sendall)):
            patches.set(owner, name, self._as_method(originals.before[name], double))
        patches.set(owner, "__init__", self._making(originals.before["__init__"]))

    def _as_method(self, original: Callable[..., Any], double: Callable[..., Any]) -> Callable[..., Any]:
        """Let the double do it where it is an operation of the run, else the original, after which others look."""
        room = self._room

        @functools.wraps(original)
        def method(sock: Any, *args: Any, **kwargs: Any) -> Any:
            if room.book is None:
                return original(sock, *args, **kwargs)
            frame = sys._getframe(1)
            asked = room.asks(sock, frame)
            if asked is not None:
                return double(asked, frame, sock, *args, **kwargs)
            try:
                return original(sock, *args, **kwargs)
            finally:
                room.others_did()

        return method

    def _making(self, original: Callable[..., None]) -> Callable[..., None]:
        room = self._room

        @functools.wraps(original)
        def init(sock: Any, *args: Any, **kwargs: Any) -> None:
            original(sock, *args, **kwargs)
            task = here.task
            if task is None or task.run.stopping:
                return
            frame = sys._getframe(1)
            book = None if is_aside(frame) else room.of(task)
            if book is not None:
                given = kwargs.get("fileno", args[3] if len(args) > 3 else None)
                end = book.make(sock, frame, is_given=given is not None)
                if end.comes_in_pieces:  # else a second small piece waits until the first is acknowledged
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        return init
