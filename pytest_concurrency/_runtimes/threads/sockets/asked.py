"""What all doubles of sockets share: who asks, of which end, and how one waits for it."""

from __future__ import annotations

import _socket
import contextlib
import gc
import os
import select
import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.oracles import Found
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._machine import real
from pytest_concurrency._machine.pipes import is_ready
from pytest_concurrency._runtimes.threads.sockets.book import Book, is_aside
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.threads.sockets.ends import End, Spot

DONTWAIT: Final = getattr(socket, "MSG_DONTWAIT", 0)
SLICE: Final = 50
"""Milliseconds of a wait in real time, between two looks whether the run is over."""
MS: Final = 1_000_000  # nanoseconds
ENDS_READ: Final = 20
"""So often in a row the end of a stream is read before that counts as a loop that has none."""


class Asked(NamedTuple):
    """An operation of a task on one of the run's own sockets."""

    task: Task
    book: Book
    end: End


class Originals:
    """The methods of sockets: as they are when this is made, and as they are before doubles stand there.

    Attributes:
        real: The first; they do what they say, and nothing else.
        before: The second; who waits in them is noticed.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self.real = self.before = _methods(names)

    def again(self) -> None:
        """Look at what stands there now."""
        self.before = _methods(tuple(self.real))


def _methods(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(socket.socket, name) for name in names}


class Room:
    """The sockets of the run that is on the stage.

    Attributes:
        book: What that run knows of them; None before the first socket, and between runs.
    """

    def __init__(self) -> None:
        self.book: Book | None = None
        self._run: Run | None = None

    def begins(self, run: Run) -> None:
        """Begin with none."""
        self._run, self.book = run, None

    def ends(self) -> None:
        """Forget them."""
        book, self._run, self.book = self.book, None, None
        if book is not None and any(not end.is_closed for end in book.made):
            gc.collect()  # what is in a circle keeps its descriptors else, schedule after schedule

    def of(self, task: Task) -> Book | None:
        """Return the book of a task's run; None where that is over, or is not on the stage."""
        run = self._run
        if run is None or task.run is not run:
            return None
        if self.book is None:
            self.book = Book(run)
        return self.book

    def asks(self, sock: Any, frame: FrameType | None) -> Asked | None:
        """Return who asks of which end; None where that is no task of the run, or nothing of the run's own."""
        task, book = here.task, self.book
        if task is None or book is None or task.run is not book.run:  # in a child process it is another one, too
            return None
        end = book.end_of(sock.fileno())
        if end is None or is_aside(frame):
            return None
        book.has_acted(task.id)
        return Asked(task, book, end)

    def others_did(self) -> None:
        """Look who can go on now that somebody has used a socket who is no part of the run, or has one of its own."""
        book = self.book
        if book is None or book.run.stopping or os.getpid() != book.process:
            return
        if here.task is None or book.run.current is not here.task:
            book.lines.poke()
        else:
            book.lines.changed()


def op_of(asked: Asked, op: Operation) -> None:
    """Offer the switch that belongs before an operation that does not wait."""
    run = asked.task.run
    if not run.stopping:
        asked.task.waits(asked.end.coming)
        run.reach(asked.task, op)
        asked.task.waits(None)


def done(asked: Asked) -> None:
    """Look who can go on now that an operation has been done."""
    run = asked.task.run
    if not run.stopping:
        run.progressed()
        asked.book.lines.changed()


class Held:
    """A descriptor that stays open while a task waits at it, as the system does it, whoever closes it meanwhile."""

    def __init__(self, sock: Any) -> None:
        self._sock, self._handle = sock, sock.fileno()
        self._copy = -1

    def is_ready(self, event: int) -> bool:
        """Tell whether it is ready; from the first no on, it is kept open."""
        if self._copy < 0:
            if self._sock.fileno() != self._handle or is_ready(self._handle, event):
                return True
            self._copy = os.dup(self._handle)
        return is_ready(self._copy, event)

    def wait(self, event: int, milliseconds: int) -> None:
        """Wait for it in real time."""
        is_ready(self._copy, event, milliseconds)

    @contextlib.contextmanager
    def real(self) -> Iterator[Any]:
        """Give the real socket: if that has been closed meanwhile, what the system has kept."""
        sock = self._sock
        if self._copy < 0 or sock.fileno() == self._handle:
            yield sock
            return
        kept = _socket.socket(sock.family, sock.type, sock.proto, os.dup(self._copy))
        try:
            yield kept
        finally:
            kept.close()

    def close(self) -> None:
        """Let go of it."""
        if self._copy >= 0:
            os.close(self._copy)


def stands(
    asked: Asked, held: Held, method: str, op: Operation, event: int, until: int | None, spot: Spot | None = None
) -> bool:
    """Wait until a socket is ready; tell whether it is, and not somebody outside who has to make it so.

    Args:
        asked: Who asks.
        held: The descriptor.
        method: In which method.
        op: What is then done.
        event: What it has to be ready for.
        until: When time is up, in virtual nanoseconds; None for never.
        spot: Where they stand in line; where something comes in, if that is not given.

    Raises:
        TimeoutError: Time was up.
        Unwind: The run is over.
    """
    seen = -1 if asked.end.peer is None else asked.end.peer.taken

    def has() -> bool:
        peer = asked.end.peer
        return held.is_ready(event) or (event == select.POLLOUT and peer is not None and peer.taken != seen)

    return waits(asked, method, op, asked.end.coming if spot is None else spot, until, has)


def waits(asked: Asked, method: str, op: Operation, spot: Spot, until: int | None, has: Callable[[], bool]) -> bool:
    """Wait until `has` says that it can be had; see `stands`."""
    task, run = asked.task, asked.task.run
    if run.stopping:
        if has():
            return True
        raise run.unwind(task)
    left = None if until is None else max(until - run.clock.now_ns, 0)
    if asked.book.lines.stand(task, spot, op, method, left, has):
        return True
    if task.timed_out:
        raise TimeoutError("timed out")
    return False


def really(asked: Asked, held: Held, event: int, until: int | None) -> None:
    """Wait in real time, until it is ready or the run is over: somebody outside has to do something.

    Raises:
        TimeoutError: What was left of the socket's time, in virtual nanoseconds, has passed.
    """
    run = asked.task.run
    end = None if until is None else real.monotonic_ns() + max(until - run.clock.now_ns, 0)
    while not held.is_ready(event) and not run.stopping:
        left = SLICE if end is None else min(SLICE, -(-(end - real.monotonic_ns()) // MS))
        if left <= 0:
            raise TimeoutError("timed out")
        held.wait(event, left)


def deadline(asked: Asked, sock: Any) -> int | None:
    """Return when the time-out of a socket will be over, in virtual nanoseconds; None for never."""
    timeout = sock.gettimeout()
    return None if timeout is None else int(asked.task.run.clock.now_ns) + to_ns(timeout)


def spins(task: Task, headline: str, cause: str, frame: FrameType | None) -> None:
    """End the run: a task does again and again what changes nothing."""
    run = task.run
    if run.stopping:
        return
    place = stacks.frame_place(stacks.user_frame(frame, run.watch))
    told = f"{task.name} {headline}, at {place}"
    run.stop(task, Finding("oracle", Found("endless", told, (f"at {place}: {place.source}",), cause, str(place))))
