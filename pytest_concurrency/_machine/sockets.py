"""What the system says of sockets, and Python of what is asked of them: who is at the other end, how much is wanted."""

from __future__ import annotations

import contextlib
import operator
import os
import socket
from typing import Any, Final

from pytest_concurrency._machine import real

_SOCKET: Final = socket.socket  # not gevent's, which lets nobody wait in a socket that it is given
_FLAGS_AT: Final = {
    "recv": 1, "recvfrom": 1, "recv_into": 2, "recvfrom_into": 2, "recvmsg": 2, "recvmsg_into": 2,
    "send": 1, "sendmsg": 2,
}  # fmt: skip
"""Which argument says how something is received, or sent."""
_DONTWAIT: Final = getattr(socket, "MSG_DONTWAIT", 0)
_READ_AT_ONCE: Final = _DONTWAIT | sum(getattr(socket, name, 0) for name in ("MSG_OOB", "MSG_ERRQUEUE"))
"""Flags that forbid to wait, or ask for what is never waited for."""


def addresses() -> set[Any]:
    """Return the addresses of all sockets of this process."""
    found = set()
    for name in _open_descriptors():
        try:
            with _opened(name) as sock:
                found.add(sock.getsockname())
        except OSError:
            continue
    return found


def is_foreign(fd: int, own: set[Any]) -> bool:
    """Tell whether somebody outside may be at the other end; `own` are the addresses of this process."""
    try:
        sock = _opened(fd)
    except OSError:
        return True  # a pipe, a process: who is at its other end is not known
    with sock:
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            return False  # pairs and local sockets
        try:
            peer = sock.getpeername()
        except OSError:
            return False  # listens, or is not connected
    return peer not in own


def _open_descriptors() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):  # another system's
            return [int(name) for name in os.listdir(folder) if name.isdigit()]
    return []


def _opened(fd: int) -> socket.socket:
    """Return a socket of one's own for a descriptor.

    Raises:
        OSError: It is none, or no socket's.
    """
    copy = os.dup(fd)
    try:
        waits = os.get_blocking(copy)
        made = _SOCKET(fileno=copy)
        os.set_blocking(
            copy, waits
        )  # a default time-out has changed it for all who have the socket, other processes too
    except OSError:
        real.close(copy)
        raise
    return made


def wanted(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """Return how many bytes `recv` or its like is asked for, at most; -1 where that is not said as it should."""
    try:
        if not name.endswith("into"):
            return operator.index(args[0])
        buffers: Any = args[0] if args else kwargs.get("buffer")
        if name == "recvmsg_into":
            return sum(memoryview(each).nbytes for each in buffers)
        given = operator.index(args[1] if len(args) > 1 else kwargs.get("nbytes", 0))
        room = memoryview(buffers)
        return -1 if room.readonly else given or room.nbytes
    except (IndexError, TypeError):
        return -1


def is_answered_at_once(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Tell whether Python answers without asking the system: nothing for nothing, an error for what is none."""
    amount = wanted(name, args, kwargs)
    return amount < 0 or (not amount and name in ("recv", "recv_into"))


def flags_of(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """Return the flags that a method is given."""
    at = _FLAGS_AT[name]
    found = kwargs.get("flags", args[at] if len(args) > at else 0)
    return found if isinstance(found, int) else 0


def may_not_wait(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Tell whether the flags of a call say so."""
    return bool(flags_of(name, args, kwargs) & (_READ_AT_ONCE if name.startswith("recv") else _DONTWAIT))
