"""A thread that looks at the baton in real time: it sees tasks that wait for the world outside."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import debuggers, real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TICK_SECONDS: Final = 0.01
_mask: Final[Any] = getattr(signal, "pthread_sigmask", None)  # the real one: a run notes who blocks signals
_ALL: Final = signal.valid_signals()


@contextlib.contextmanager
def without_signals() -> Iterator[None]:
    """Let a thread that is started in the body get none: one that the program blocks would end the process there."""
    if _mask is None:
        yield
        return
    before = _mask(signal.SIG_BLOCK, _ALL)
    try:
        yield
    finally:
        _mask(signal.SIG_SETMASK, before)


class Watchdog:
    """Calls a function at every tick until it is stopped; lives only during an exploration."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._stop = real.allocate_lock()
        self._stop.acquire()
        self._ended = real.allocate_lock()
        self._started = False

    def start(self) -> None:
        """Start the thread."""
        self._ended.acquire()
        self._started = True
        with without_signals():
            real.start_new_thread(self._main, ())

    def stop(self) -> None:
        """Stop the thread and wait until it has ended."""
        if self._started:
            self._started = False
            self._stop.release()
            self._ended.acquire()

    def _main(self) -> None:
        debuggers.keep_going()
        try:
            while not self._stop.acquire(timeout=TICK_SECONDS):
                self._look()
        finally:
            debuggers.ends()
            self._ended.release()
