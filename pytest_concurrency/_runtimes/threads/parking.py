"""Threads that cannot be ended: the interpreter is told not to wait for them."""

from __future__ import annotations

import sys
import threading
from typing import Any

from pytest_concurrency._machine import real

_threads: Any = threading  # its private names


class _Parked:
    """The threads for which the end of the process does not wait."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def join_others(self) -> None:
        """Join every other thread, in place of the interpreter."""
        while True:
            others = [
                thread
                for thread in threading.enumerate()
                if not thread.daemon and thread is not threading.main_thread() and thread not in self.threads
            ]
            if not others:
                return
            for thread in others:
                real.thread_join(thread)


parked = _Parked()


def park(thread: Any) -> None:
    """Let the process end although this thread has not, as if it had been made a daemon."""
    if thread.daemon or thread in parked.threads:
        leave_pool(thread)
        return
    parked.threads.append(thread)
    leave_pool(thread)
    if hasattr(_threads, "_shutdown_locks"):  # until Python 3.12 is dropped
        with _threads._shutdown_locks_lock:
            _threads._shutdown_locks.discard(thread._tstate_lock)
    elif hasattr(_threads, "_thread_shutdown"):
        # The interpreter keeps its list in C, and marking the handle as done makes it spin.
        _threads._thread_shutdown = parked.join_others


def leave_pool(thread: Any) -> None:
    """Take a worker out of the threads that `concurrent.futures` joins at the end."""
    pools: Any = sys.modules.get("concurrent.futures.thread")
    if pools is not None:
        pools._threads_queues.pop(thread, None)
