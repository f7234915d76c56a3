"""Deadlocks that no schedule ran into: predicted from the orders of passing runs, and made to happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.strategies.meet import Meet
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine.inversions import Inversion, told
from pytest_concurrency._machine import real
from pytest_concurrency._oracles.oracle import Hunt
from pytest_concurrency._oracles.order_feed import OrderFeed

if TYPE_CHECKING:
    from pytest_concurrency._core.detectors.lock_order import Witness
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.stage import Record

RUNS: Final = 100
SECONDS: Final = 1.5
MAX_TOLD: Final = 5


class DeadlockHunt(Hunt):
    """The prediction of deadlocks of one exploration."""

    def __init__(self, exploration: Any) -> None:
        super().__init__(exploration)
        self._feed: OrderFeed | None = None
        self._found: dict[Any, tuple[tuple[Witness, ...], Inversion]] = {}

    def listeners(self, run: ListenedRun) -> list[Any]:
        """Make what listens to the next run."""
        self._feed = OrderFeed(run, self._exploration.watch) if self.on else None
        return [] if self._feed is None else [self._feed]

    def heard(self, record: Record) -> None:
        """Take over what a run has shown."""
        feed = self._feed
        if not self.on or feed is None or record.finding is not None or len(self._found) >= MAX_TOLD:
            return
        for witnesses in feed.book.inversions():
            key = frozenset((each.first.kind, each.second.kind) for each in witnesses)
            self._found.setdefault(key, (witnesses, told(witnesses, feed.names)))

    def after(self, verdict: Verdict) -> Verdict:
        """Make a prediction happen, which is a failure, or add it to the verdict as one that did not."""
        if not self._found or verdict.grade is Grade.PROVED:
            return verdict
        exploration = self._exploration
        strategy, deadline, tried = Meet(exploration.plan.seed), real.monotonic() + SECONDS, 0
        while tried < RUNS and real.monotonic() < deadline:
            strategy.start_run()
            record = exploration._once(strategy)
            tried += 1
            if record.failed:
                happened: Verdict = exploration._investigate(
                    record, set(exploration.offered), verdict.schedules + tried
                )
                return happened
            exploration.offered |= record.widened
        tries = verdict.schedules + tried
        only_locks = [
            f"predicted, not realised in {tries} schedules: {inversion}"
            for witnesses, inversion in self._found.values()
            if all(each.first.kind[0] not in ("thread", "queue") for each in witnesses)  # type: ignore[index]
        ]
        return replace(verdict, deadlocks=tuple(only_locks))
