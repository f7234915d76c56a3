"""Joins the oracles to an exploration: what listens during its runs, and what is tried after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core import errors
from pytest_concurrency._runtimes.threads.oracle_feed import Feed

if TYPE_CHECKING:
    from pytest_concurrency._core.verdict import Verdict

FOUND: Final[dict[str, type[errors.ConcurrencyError]]] = {
    "busy_waiting": errors.BusyWaitFound,
    "sleep_ordering": errors.SleepOrderFound,
    "ignored_timeouts": errors.IgnoredTimeoutFound,
    "kept_locks": errors.KeptLockFound,
    "starvation": errors.StarvationFound,
    "serialised": errors.SerialisedFound,
    "outliving_threads": errors.OutlivingThreadFound,
}


class Judge:
    """The oracles of one exploration."""

    def __init__(self, exploration: Any) -> None:
        self._exploration = exploration
        self.oracles = exploration.plan.oracles
        self.feed = Feed(self.oracles, exploration.watch)
        exploration.harness.controller = self.feed.controller

    def after(self, verdict: Verdict) -> Verdict:
        """Judge an exploration that found no failure, with further schedules where they are needed."""
        return verdict
