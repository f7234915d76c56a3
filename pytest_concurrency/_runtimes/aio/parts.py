"""Bytes that tasks of a loop read from a stream: TCP may bring them in other parts, so who looks proves nothing."""

from __future__ import annotations

import asyncio
import functools
import sys
from asyncio import selector_events, streams
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._machine.patches import Patches


def install(patches: Patches) -> None:
    """Take the proof from a run in which somebody reads what may come in parts; who asks for all of it is let be."""
    loop: Any = selector_events.BaseSelectorEventLoop
    transport: Any = selector_events._SelectorSocketTransport  # type: ignore[attr-defined] # as asyncio names it
    for owner, name, make in (
        (asyncio.StreamReader, "read", _read),
        (loop, "sock_recv", _received),
        (loop, "sock_recv_into", _received),
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
        return original(self, n)

    return read


def _received(original: Callable[..., Any]) -> Callable[..., Any]:
    def receive(self: Any, sock: Any, wanted: Any) -> Any:
        if wanted != 1:
            _note()
        return original(self, sock, wanted)

    return receive


def _handed_on(original: Callable[..., Any]) -> Callable[..., Any]:
    def read_ready(self: Any) -> None:
        if not isinstance(self._protocol, streams.StreamReaderProtocol):  # which keeps it until it is asked for
            _note()
        original(self)

    return read_ready
