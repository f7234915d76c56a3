"""The descriptors that an event loop watches: which are ready, and whether anybody outside could make them so."""

from __future__ import annotations

import selectors
from typing import Any, Final

from pytest_concurrency._machine import sockets

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
    own = sockets.addresses()
    return any(
        sockets.is_foreign(key.fd, own) for key in loop._selector.get_map().values() if key.fileobj is not loop._ssock
    )
