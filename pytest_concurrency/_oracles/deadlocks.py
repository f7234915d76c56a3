"""Deadlocks that no schedule ran into: predicted from the orders of passing runs, and made to happen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.strategies.meet import Meet
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine.choosing import ANY
from pytest_concurrency._engine.inversions import Inversion, told
from pytest_concurrency._engine.listener import All
from pytest_concurrency._machine import real
from pytest_concurrency._oracles.oracle import Oracle, early_runs, is_heard, random_order
from pytest_concurrency._oracles.order_feed import OrderListener
from pytest_concurrency._oracles.signals import SignalListener

if TYPE_CHECKING:
    from pytest_concurrency._core.detectors.lock_order import Witness
    from pytest_concurrency._core.telling.report import Report, TaskState
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.listener import Listener
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.watching import Watch

RUNS: Final = 100
SECONDS: Final = 1.5
MAX_TOLD: Final = 5


class Deadlocks(Oracle):
    """Predicts deadlocks from a sample of the search, and tries to make them happen."""

    name = "deadlocks"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._hears = False
        self._listener: OrderListener | None = None
        self._signals: SignalListener | None = None
        self._handled: Report | None = None
        self._found: dict[Any, tuple[tuple[Witness, ...], Inversion]] = {}

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen to a sample of the search."""
        self._listener = self._signals = None
        self._hears = number is not None and is_heard(number)
        return self._hears

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what hears in which order a run takes its locks."""
        if not self._hears:
            return None
        self._listener, self._signals = OrderListener(run), SignalListener(run)
        return All([self._listener, self._signals])

    def heard(self, record: Record, offered: set[int]) -> None:
        """Take over what a run has shown."""
        if self._signals is not None and self._handled is None:
            self._handled = self._signals.found
        listener = self._listener
        if listener is None or record.finding is not None or len(self._found) >= MAX_TOLD:
            return
        for witnesses in listener.book.inversions():
            key = frozenset((each.first.kind, each.second.kind) for each in witnesses)
            self._found.setdefault(key, (witnesses, told(witnesses, listener.names)))

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Make a prediction happen, which is a failure, or add it to the verdict as one that did not."""
        if self._handled is not None:
            return self.failed(explorer, self._handled)
        if explorer.limited and self.plan.strategy == "auto" and self.plan.clock != "any":
            verdict = self._with_time_that_jumps(explorer, verdict)
        if not self._found or verdict.grade in (Grade.PROVED, Grade.FAILED):
            return verdict
        tries = verdict.schedules
        for record in explorer.runs(Meet(self.plan.seed), RUNS, real.monotonic() + SECONDS):
            tries += 1
            if record.failed:
                return explorer.investigate(record, tries)
        only_locks = [
            f"predicted, not realised in {tries} schedules: {inversion}"
            for witnesses, inversion in self._found.values()
            if all(each.first.kind[0] not in ("thread", "queue") for each in witnesses)  # type: ignore[index]
        ]
        return replace(verdict, deadlocks=tuple(only_locks))

    def _with_time_that_jumps(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Let waits give up that others have always ended; only who waits for each other then is a failure.

        What else goes wrong when half a minute is over at once may well be meant so.
        """
        with explorer.early(ANY):
            runs = explorer.runs(random_order(self.plan), early_runs(explorer), explorer.limit())
            for number, record in enumerate(runs, explorer.count + 1):
                if record.ended_by("deadlock") and not record.raised and is_knot(record.states):
                    return explorer.investigate(record, number)
        return verdict


def is_knot(states: tuple[TaskState, ...]) -> bool:
    """Tell whether tasks wait for each other in a circle: for a lock that the next one holds, or for its end."""
    waits = {each.name: each.waiting for each in states if each.waiting is not None}
    for name in waits:
        seen, at = set[str](), name
        while at in waits and at not in seen:
            seen.add(at)
            waiting = waits[at]
            at = waiting.holders[0] if waiting.holders else waiting.target.removeprefix("thread ")
        if at in seen:
            return True
    return False
