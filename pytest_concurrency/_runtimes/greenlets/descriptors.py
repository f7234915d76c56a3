"""The descriptors that a hub waits for: which are ready, and whether anybody outside could make them so."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Final

from pytest_concurrency._machine import real, sockets
from pytest_concurrency._runtimes.greenlets.watchers import READ, WRITE, FromOutside, Io

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_concurrency._runtimes.greenlets.watchers import Watcher

SLICE: Final = 0.05
"""So long, in seconds, the world is waited for at a time, so that others are heard."""
MOMENT: Final = 0.002


def ready(watchers: list[Io], seconds: float = 0.0) -> list[Io]:
    """Return those whose descriptor is ready, in the order in which they were started; wait for the first that long."""
    if not watchers:
        return []
    poll = real.poll()
    masks: dict[int, int] = {}
    for each in watchers:
        masks[each.fd] = masks.get(each.fd, 0) | _mask(each)
    for fd, mask in masks.items():
        poll.register(fd, mask)
    found = dict(poll.poll(seconds * 1000))
    failed = select.POLLHUP | select.POLLERR | select.POLLNVAL
    come = [each for each in watchers if found.get(each.fd, 0) & (_mask(each) | failed)]
    for each in come:
        has = found[each.fd]
        each.is_ready_for(READ * bool(has & (select.POLLIN | failed)) | WRITE * bool(has & (select.POLLOUT | failed)))
    return come


def _mask(watcher: Io) -> int:
    reads = select.POLLIN if watcher.events & READ else 0
    return reads | (select.POLLOUT if watcher.events & WRITE else 0)


def wait(watchers: Iterable[Watcher]) -> bool:
    """Wait in real time until something comes from outside; at most a moment, so that others are heard."""
    watchers = list(watchers)
    described = [each for each in watchers if isinstance(each, Io)]
    others = [each for each in watchers if isinstance(each, FromOutside)]
    until = real.monotonic() + SLICE
    while real.monotonic() < until:
        if any(each.has_come() for each in others) or ready(described, MOMENT if others else SLICE):
            return True
        if not described:
            real.sleep(MOMENT)
    return False


def may_come_from_outside(watchers: Iterable[Watcher]) -> bool:
    """Tell whether somebody outside this process, or out of control in it, could let one of them come."""
    watchers = list(watchers)
    if any(isinstance(each, FromOutside) for each in watchers):
        return True
    described = [each for each in watchers if isinstance(each, Io)]
    own = sockets.addresses() if described else set()
    return any(sockets.is_foreign(each.fd, own) for each in described)
