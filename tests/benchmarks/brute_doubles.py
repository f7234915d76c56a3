"""Cooperative locks, queues, threads and time for brute force; whatever is built on them in Python stays as it is."""

from __future__ import annotations

import concurrent.futures.thread
import contextlib
import functools
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any


class Lock:
    """A lock whose every operation is a point of the run."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._taken = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, or wait for it."""
        self._run.point()
        if self._taken and blocking:
            self._run.wait(lambda: not self._taken, None if timeout == -1 else timeout)
        if self._taken:
            return False
        self._taken = True
        return True

    def release(self) -> None:
        """Give it back."""
        if not self._run.end:
            self._run.point()
        if not self._taken:
            raise RuntimeError("release unlocked lock")
        self._taken = False

    def locked(self) -> bool:
        """Tell whether somebody has it."""
        self._run.point()
        return self._taken

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._taken = False


class SimpleQueue:
    """A queue without a bound; each operation is atomic, as in C."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._items: list[Any] = []

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Add an item."""
        self._run.point()
        self._items.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take the first, or wait for one."""
        self._run.point()
        if not self._items and block:
            self._run.wait(lambda: bool(self._items), timeout)
        if not self._items:
            raise queue.Empty
        return self._items.pop(0)

    def put_nowait(self, item: Any) -> None:
        """Add an item."""
        self.put(item)

    def get_nowait(self) -> Any:
        """Take the first."""
        return self.get(False)

    def empty(self) -> bool:
        """Tell whether there is none."""
        self._run.point()
        return not self._items

    def qsize(self) -> int:
        """Count."""
        self._run.point()
        return len(self._items)


@contextlib.contextmanager
def doubled(run: Any) -> Iterator[None]:
    """Put the doubles into the standard library for one run."""
    saved: list[tuple[Any, str, Any]] = []

    def put(where: Any, name: str, value: Any) -> None:
        if name in vars(where):
            saved.append((where, name, vars(where)[name]))
            setattr(where, name, value)

    lock = functools.partial(Lock, run)
    python_lock = threading._PyRLock  # type: ignore[attr-defined]
    for name in ("Lock", "_allocate_lock"):
        put(threading, name, lock)
    put(threading, "RLock", python_lock)
    put(threading, "_CRLock", None)
    put(functools, "RLock", python_lock)
    put(queue, "SimpleQueue", functools.partial(SimpleQueue, run))
    put(concurrent.futures.thread, "_global_shutdown_lock", lock())
    _time(put, run)
    _threads(put, run)
    try:
        yield
    finally:
        for where, name, value in reversed(saved):
            setattr(where, name, value)
        concurrent.futures.thread._threads_queues.clear()  # type: ignore[attr-defined] # nobody is left to be joined


def _time(put: Any, run: Any) -> None:
    def sleep(seconds: float) -> None:
        until = run.clock + seconds
        run.point()
        run.wait(lambda: run.clock >= until, seconds)

    put(time, "sleep", sleep)
    for name in ("monotonic", "perf_counter", "time"):
        put(time, name, lambda: run.clock)
    put(threading, "_time", lambda: run.clock)
    put(queue, "time", lambda: run.clock)


def _threads(put: Any, run: Any) -> None:
    def start(self: Any) -> None:
        self._started._flag = True
        run.start(self)

    def join(self: Any, timeout: float | None = None) -> None:
        run.point()
        run.wait(lambda: self.brute_task.is_over, timeout)

    def is_alive(self: Any) -> bool:
        if not hasattr(self, "brute_task"):
            return self is run.main.thread
        run.point()
        return not self.brute_task.is_over

    put(threading.Thread, "start", start)
    put(threading.Thread, "join", join)
    put(threading.Thread, "is_alive", is_alive)
