"""Bytes of a TCP stream that come in pieces: the first alone, once for each end, where the schedule says so."""

from __future__ import annotations

import socket
import weakref
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run


def asked(wanted: Any, most: int = 0) -> int:
    """Return how many bytes somebody asks for: so many, or what a buffer has room for, of which he may want less."""
    if isinstance(wanted, int):
        return wanted
    return most or memoryview(wanted).nbytes


def one(wanted: Any) -> Any:
    """Return what asks in the same way for one byte, however long the items of a buffer are."""
    return 1 if isinstance(wanted, int) else memoryview(wanted).cast("B")[:1]


class Pieces:
    """Which ends of connections have been cut, each in its run."""

    def __init__(self) -> None:
        self._cut: weakref.WeakKeyDictionary[Any, weakref.ref[Run]] = weakref.WeakKeyDictionary()

    def first_alone(self, end: Any, sock: Any) -> bool:
        """Choose whether only the first byte comes of what an end takes in: that is tried once.

        Args:
            end: Whose bytes they are: a reader, a transport, a socket.
            sock: Its socket; of one that is no TCP stream nothing is chosen, nor of None.
        """
        task = here.task
        if task is None or sock is None or sock.type != socket.SOCK_STREAM:
            return False
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or self._was_cut(end, task.run):
            return False
        if not task.run.pick(task, 2):
            return False
        self._cut[end] = weakref.ref(task.run)
        if task.run.recorder is not None:
            task.run.recorder.has_read("the first byte")
        return True

    def _was_cut(self, end: Any, run: Run) -> bool:
        before = self._cut.get(end)
        return before is not None and before() is run
