"""Pipes of multiprocessing, on which its queues are built: the real pipe is asked without waiting, and is the truth.

A queue has a thread that feeds its pipe. One that a run has started ends with it; afterwards the queue begins anew.
"""

from __future__ import annotations

import collections
import functools
import os
import select
import stat
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import NS, to_ns
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine.pipes import AT_ONCE, is_ready
from pytest_concurrency._runtimes.processes import pickling
from pytest_concurrency._runtimes.processes.meeting import Meeting, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.board import Board

_KEPT: Final = ("_send_bytes", "_recv_bytes", "_send", "_recv", "_poll", "_close")

Ends = tuple[Meeting | None, Meeting | None]
"""What comes in at an end of a pipe, and what goes out there."""


class Connections:
    """What stands in for the methods of `multiprocessing.connection.Connection`."""

    def __init__(self, board: Board) -> None:
        from multiprocessing import connection

        self._board = board
        self._module: Any = connection
        self._real: Any = connection.Connection
        self._originals: dict[str, Any] = {name: getattr(self._real, name) for name in _KEPT}
        self._pipe, self._wait = connection.Pipe, connection.wait

    def install(self, patches: Patches) -> None:
        """Put them in place, also of functions that watched modules have imported."""
        from multiprocessing.reduction import ForkingPickler

        for name in _KEPT:
            patches.set(self._real, name, _method(getattr(self, name.removeprefix("_"))))
        reducers: Any = ForkingPickler._extra_reducers  # type: ignore[attr-defined] # what it pickles by
        patches.set(reducers, self._real, self._reducing(reducers[self._real]))
        patches.set(self._module, "rebuild_connection", self._rebuilding(self._module.rebuild_connection))
        pickling.without_views(patches)
        for name, original, new in (("Pipe", self._pipe, self.pipe), ("wait", self._wait, self.wait)):
            patches.set(self._module, name, new)
            for module in self._board.watch.modules():
                for bound in [each for each, value in vars(module).items() if value is original]:
                    patches.set(vars(module), bound, new)

    def _reducing(self, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def reduce(end: Any) -> Any:
            rebuild, arguments, *more = original(end)
            names = tuple(None if each is None else each.name for each in self._ends(end) or (None, None))
            return rebuild, (*arguments, names) if self._board.is_launching else arguments, *more

        return reduce

    def _rebuilding(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)  # pickled by its name: where a process is under control, its like stands there
        def rebuild(handle: Any, readable: Any, writable: Any, names: tuple[Any, Any] | None = None) -> Any:
            end = original(handle, readable, writable)
            if names is not None:
                ends = tuple(None if name is None else named(*name) for name in names)
                vars(end).update(_concurrency_ends=ends, _concurrency=ends[0] or ends[1])
            return end

        return rebuild

    # -- making

    def pipe(self, duplex: bool = True) -> tuple[Any, Any]:  # noqa: FBT001,FBT002
        """Stand in for `Pipe`."""
        first, second = self._pipe(duplex)
        if self._board.task() is not None:
            there = self._board.met("Connection")
            back = self._board.met("Connection", there.made) if duplex else None
            for end, ends in ((first, (there, back)), (second, (back, there))):
                vars(end).update(_concurrency_ends=ends, _concurrency=ends[0] or ends[1])
        return first, second

    def _ends(self, end: Any) -> Ends | None:
        """Return what an end belongs to; None for what is not known, a socket for one."""
        ends: Ends | None = end.__dict__.get("_concurrency_ends")
        if ends is None and end._handle is not None:
            found = os.fstat(end._handle)
            if stat.S_ISFIFO(found.st_mode):
                stream = named(("fifo", found.st_ino), "Connection", ("", 0))
                ends = end._concurrency_ends = (stream, stream)
        return ends

    def _asks(self, end: Any) -> tuple[Task, Ends] | None:
        """Return the task that asks, and the streams of an end; None where it is not under control."""
        task = self._board.task()
        ends = None if task is None or task.run.stopping else self._ends(end)
        if task is not None and ends is None and not task.run.stopping:
            self._board.desk.blind(task)
        return None if task is None or ends is None else (task, ends)

    # -- sending

    def send_bytes(self, end: Any, buf: Any) -> None:
        """Stand in for sending a message."""
        asked = self._asks(end)
        if asked is not None:
            task, (_, stream) = asked
            assert stream is not None
            self._board.desk.reach(task, stream, "give")
        self._originals["_send_bytes"](end, buf)

    def send(self, end: Any, buf: Any, *args: Any) -> None:
        """Stand in for writing: what does not fit waits until another has read."""
        asked = self._asks(end)
        if asked is None:
            self._originals["_send"](end, buf, *args)
            return
        task, (_, stream) = asked
        assert stream is not None
        left = memoryview(buf)
        while left:
            if not is_ready(end._handle, select.POLLOUT):
                self._board.desk.line(task, stream, "give", None, free=False)
            else:
                left = left[os.write(end._handle, left[:AT_ONCE]) :]
                self._board.desk.given(task, stream)

    # -- receiving

    def recv_bytes(self, end: Any, *args: Any) -> Any:
        """Stand in for receiving a message."""
        asked = self._asks(end)
        if asked is not None:
            task, (stream, _) = asked
            assert stream is not None
            comes = functools.partial(_comes, end._handle)
            free = is_ready(end._handle) or self._board.awaits(task, stream, comes)
            self._board.desk.line(task, stream, "take", None, free=free)
        return self._originals["_recv_bytes"](end, *args)

    def recv(self, end: Any, size: int, *args: Any) -> Any:
        """Stand in for reading: what is not there yet is waited for."""
        asked = self._asks(end)
        if asked is None:
            return self._originals["_recv"](end, size, *args)
        task, (stream, _) = asked
        assert stream is not None

        def read(handle: int, most: int) -> bytes:
            while not is_ready(handle):
                if not self._board.awaits(task, stream, functools.partial(_comes, handle)):
                    self._board.desk.line(task, stream, "take", None, free=False)
            chunk = os.read(handle, most)
            self._board.desk.given(task, stream)  # there is room now
            return chunk

        return self._originals["_recv"](end, size, read)

    def poll(self, end: Any, timeout: float | None) -> bool:
        """Stand in for `poll`."""
        return bool(self.wait([end], timeout))

    def close(self, end: Any, *args: Any) -> None:
        """Stand in for closing an end: who waits at the other one looks again."""
        asked = self._asks(end)
        streams = [] if asked is None else [each for each in asked[1] if each is not None]
        if asked is not None:
            self._board.desk.reach(asked[0], streams[0], "close", streams[1:])
        self._originals["_close"](end, *args)
        if asked is not None and not asked[0].run.stopping:
            for each in streams:
                self._board.desk.given(asked[0], each)

    # -- several

    def wait(self, object_list: Iterable[Any], timeout: float | None = None) -> list[Any]:
        """Stand in for `multiprocessing.connection.wait`."""
        things = list(object_list)
        task = self._board.task()
        streams = [] if task is None or task.run.stopping else [self._stream(each) for each in things]
        known = [each for each in streams if each is not None]
        if task is None or not known or len(known) < len(things):
            if task is not None and not task.run.stopping:
                self._board.desk.blind(task)
            return self._wait(things, timeout)
        if timeout is not None and timeout <= 0:
            self._board.desk.reach(task, known[0], "look", known[1:])
            return _ready(things)
        clock = task.run.clock
        until = None if timeout is None else clock.now_ns + to_ns(timeout)
        while True:
            left = None if until is None else max(until - clock.now_ns, 0)
            is_late = self._looks_outside(task, known, things, until)
            is_late = self._board.desk.watch(task, known, left, free=is_late or bool(_ready(things))) or is_late
            found = _ready(things)
            if found or is_late:
                return found

    def _looks_outside(self, task: Task, known: list[Meeting], things: list[Any], until: int | None) -> bool:
        """Wait in real time for what a process from before the run may send; tell whether the time is up."""
        now = task.run.clock.now_ns
        seconds = None if until is None else max(until - now, 0) / NS
        if _ready(things) or not any(
            self._board.awaits(task, each, lambda most: bool(self._wait(things, most)), seconds) for each in known
        ):
            return False
        if until is None or _ready(things):
            return False
        task.run.outside.took_until(task, until)
        return True

    def _stream(self, thing: Any) -> Meeting | None:
        """Return what is waited for at an end of a pipe, or at a process' sentinel."""
        if isinstance(thing, int):
            return self._board.sentinel(thing)
        ends = self._ends(thing) if isinstance(thing, self._real) else None
        return None if ends is None else ends[0]


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: function(*args, **kwargs)


def _comes(handle: int, seconds: float) -> bool:
    return is_ready(handle, milliseconds=int(seconds * 1000) + 1)


def _ready(things: list[Any]) -> list[Any]:
    return [each for each in things if is_ready(each if isinstance(each, int) else each.fileno())]


class Feeders:
    """The queues whose feeding thread is a task of the present run, and ends with it."""

    def __init__(self) -> None:
        self._fed: list[weakref.ref[Any]] = []

    def install(self, patches: Patches) -> None:
        """Take note of each queue that a task puts the first item into."""
        from multiprocessing import queues

        original: Any = queues.Queue._start_thread  # type: ignore[attr-defined] # there the thread is made

        @functools.wraps(original)
        def start_thread(queue: Any) -> None:
            original(queue)
            if here.task is not None:
                self._fed.append(weakref.ref(queue))

        patches.set(queues.Queue, "_start_thread", start_thread)

    def end(self) -> None:
        """Let those that live on, and are open, start a thread again when something is put into them."""
        fed, self._fed = self._fed, []
        for queue in [each for reference in fed if (each := reference()) is not None and not each._closed]:
            for finalizer in (queue._jointhread, queue._close):
                if finalizer is not None:
                    finalizer.cancel()
            vars(queue).update(
                _thread=None,
                _jointhread=None,
                _close=None,
                _buffer=collections.deque(),
                _notempty=threading.Condition(threading.Lock()),
            )
