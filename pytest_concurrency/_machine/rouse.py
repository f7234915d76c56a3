"""A signal that calls the main thread back out of C, where nothing else reaches it."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNAL: Final[Any] = getattr(signal, "SIGURG", None)
"""Ignored where nobody handles it, so that one that comes late ends nothing."""


class Rouser:
    """Calls a function in the main thread, also while that waits in C.

    Args:
        called: Called there; what it raises, the code raises that the thread runs.
    """

    def __init__(self, called: Callable[[], None]) -> None:
        self._called = called
        self._main = 0

    @contextlib.contextmanager
    def ready(self) -> Iterator[None]:
        """Be able to in the body, if the calling thread is the main thread and nobody has the signal."""
        can = (
            _SIGNAL is not None
            and threading.current_thread() is threading.main_thread()
            and signal.getsignal(_SIGNAL) is signal.SIG_DFL
        )
        if not can:
            yield
            return
        signal.signal(_SIGNAL, self._handle)
        self._main = real.get_ident()
        try:
            yield
        finally:
            self._main = 0
            signal.signal(_SIGNAL, signal.SIG_DFL)

    def rouse(self) -> bool:
        """Call the function there; False if that cannot be done."""
        if not self._main or _SIGNAL is None:
            return False
        signal.pthread_kill(self._main, _SIGNAL)
        return True

    def _handle(self, _number: int, _frame: Any) -> None:
        self._called()
