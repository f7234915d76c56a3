"""The child processes that a hub's loop watches: how each has ended, known to all who watch it at once."""

from __future__ import annotations

import os

from pytest_concurrency._machine import real


class Children:
    """Child processes of one loop, as the system tells of them."""

    def __init__(self) -> None:
        self._statuses: dict[int, int | None] = {}  # by the process; None while it runs
        self._told: set[int] = set()

    def watches(self, pid: int) -> None:
        """Note that somebody watches a process."""
        self._statuses.setdefault(pid, None)

    def has_ended(self, pid: int) -> bool:
        """Ask whether a process has ended."""
        if self._statuses[pid] is None:
            try:
                ended, status = real.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # somebody else has waited for it
                ended, status = pid, 0
            self._statuses[pid] = status if ended else None
        return self._statuses[pid] is not None

    def status(self, pid: int) -> int:
        """Return how a process has ended; 0 while it has not, as loops of C have it."""
        return self._statuses.get(pid) or 0

    def is_told(self, pid: int) -> None:
        """Note that somebody who watches a process is told of its end."""
        self._told.add(pid)

    def told(self) -> set[int]:
        """Return those of whose end somebody was told."""
        return set(self._told)

    def ended_but(self, known: set[int]) -> int:
        """Return a process that has ended and is not among these; 0 for none."""
        return next((pid for pid in self._statuses if pid not in known and self.has_ended(pid)), 0)
