"""The descriptors that an event loop watches: which are ready, and whether anybody outside could make them so."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
from typing import Any, Final

_BOTH: Final = ((selectors.EVENT_READ, 0), (selectors.EVENT_WRITE, 1))


def are_watched(loop: Any) -> bool:
    """Tell whether the loop waits for any descriptor but its own pipe, by which signals come."""
    own = loop._ssock is not None and not getattr(loop, "_signal_handlers", None)
    return len(loop._selector.get_map() or ()) > own


def ready(loop: Any) -> list[Any]:
    """Return the handles of descriptors that are ready now and do not stand in line yet, in steady order."""
    selector = loop._selector
    masks = {key.fd: mask for key, mask in selector.select(0)}
    found = []
    for key in list(selector.get_map().values()) if masks else ():
        mask = masks.get(key.fd, 0)
        for flag, which in _BOTH:
            handle = key.data[which] if mask & flag else None
            if handle is not None and not handle._cancelled and handle not in loop._ready:
                found.append(handle)
    return found


def wait(loop: Any, seconds: float | None) -> bool:
    """Wait in real time for a descriptor; at most a moment, so that others are heard."""
    return bool(loop._selector.select(0.05 if seconds is None else min(seconds, 0.05)))


def may_come_from_outside(loop: Any) -> bool:
    """Tell whether somebody outside this process could make one of the loop's descriptors ready."""
    if getattr(loop, "_signal_handlers", None):
        return True
    own = _addresses()
    return any(_is_foreign(key.fd, own) for key in loop._selector.get_map().values() if key.fileobj is not loop._ssock)


def _addresses() -> set[Any]:
    """Return the addresses of all sockets of this process."""
    found = set()
    for name in _open_descriptors():
        try:
            with _opened(name) as sock:
                found.add(sock.getsockname())
        except OSError:
            continue
    return found


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
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise


def _is_foreign(fd: int, own: set[Any]) -> bool:
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
