"""Threads of ours that do one thing after another: to start one for each costs as much as a tenth of a fork."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_concurrency._machine import real
from pytest_concurrency._machine.watchdog import without_signals

if TYPE_CHECKING:
    from collections.abc import Callable


class KeptThreads:
    """Threads that run nothing of the user's, so that nobody can leave anything in them; they get no signals."""

    def __init__(self) -> None:
        self._free: list[_Kept] = []
        self._is_over = False

    def do(self, job: Callable[[], None]) -> None:
        """Let a thread do this."""
        if self._free:
            self._free.pop().give(job)
            return
        kept = _Kept(self)
        with without_signals():
            real.start_new_thread(kept.main, (job,))

    def gets_back(self, kept: _Kept) -> bool:
        """Take a thread back that has nothing to do; tell whether it is to wait."""
        if not self._is_over:
            self._free.append(kept)
        return not self._is_over

    def end(self) -> None:
        """End all that have nothing to do, and wait for that; the others end when they have."""
        self._is_over = True
        while self._free:
            self._free.pop().ends()


class _Kept:
    """One of these threads."""

    def __init__(self, threads: KeptThreads) -> None:
        self._threads = threads
        self._job: Callable[[], None] | None = None
        self._given: Any = real.allocate_lock()
        self._given.acquire()
        self._ended: Any = real.allocate_lock()
        self._ended.acquire()

    def give(self, job: Callable[[], None] | None) -> None:
        """Let it do something; None lets it end."""
        self._job = job
        self._given.release()

    def ends(self) -> None:
        """Let it end, and wait until it has."""
        self.give(None)
        self._ended.acquire()

    def main(self, first: Callable[[], None]) -> None:
        """Do one thing after another."""
        self._job = first
        del first
        try:
            while self._does() and self._threads.gets_back(self):
                self._given.acquire()
        finally:
            self._ended.release()

    def _does(self) -> bool:
        """Do what has been given, and keep nothing of it; tell whether there was anything."""
        job, self._job = self._job, None
        if job is None:
            return False
        job()
        return True
