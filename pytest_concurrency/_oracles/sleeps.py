"""Sleeps that order something: the scenario fails when one of them is overtaken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core import strategies
from pytest_concurrency._core.errors import ConcurrencyError, SleepOrderFound
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.choosing import SLEEPS
from pytest_concurrency._engine.listener import Listener
from pytest_concurrency._engine.task import Sleep
from pytest_concurrency._oracles.oracle import EARLY_RUNS, Oracle

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._oracles.oracle import Asked, Explorer
    from pytest_concurrency._sight.watching import Watch

_CLOCKS: Final = frozenset({"monotonic", "perf_counter", "monotonic_ns", "perf_counter_ns"})


class Sleeps(Oracle):
    """Lets sleeps end early, as they may in real life, and blames them for what fails then."""

    name = "sleep_ordering"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._listener: SleepListener | None = None

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Forget the run before; where no sleep ends early there is nothing to hear."""
        self._listener = None
        return False

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what notes the sleeps that end early."""
        self._listener = SleepListener(run) if run.early else None
        return self._listener

    def error(self, record: Record, report: Report) -> ConcurrencyError | None:
        """Blame the sleeps that were overtaken in the last run."""
        told = [] if self._listener is None else self._listener.overtaken
        if not told or record.found is not None:
            return None
        error = SleepOrderFound(
            replace(
                report,
                headline=f"sleep as synchronisation: {report.headline}, when a sleep is overtaken",
                error=(*report.error, *told),
                cause="a sleep orders nothing, it only makes the order likely that its author had in mind; wait for "
                "what has to happen: Thread.join, Event.wait, Condition.wait_for, Queue.get",
            )
        )
        if record.raised:
            error.__cause__ = explain.combined(record)
        return error

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Try some schedules in which sleeps are overtaken."""
        plan = self.plan
        if plan.clock == "any":
            return verdict
        strategy = strategies.make("random", seed=plan.seed, preemptions=plan.preemptions)
        with explorer.early(SLEEPS):
            runs = explorer.runs(strategy, min(plan.schedules, EARLY_RUNS), explorer.limit())
            for number, record in enumerate(runs, 1):
                if record.failed and not self._is_about_time(record):
                    return explorer.investigate(record, number)
        return verdict

    def _is_about_time(self, record: Record) -> bool:
        """Tell whether an assertion about durations failed: they mean nothing while time jumps."""
        error = record.error if record.error is not None else (record.errors[0][1] if record.errors else None)
        step, last = (error.__traceback__ if error is not None else None), None
        while step is not None:
            if self.watch.is_watched(step.tb_frame.f_code.co_filename):
                last = step.tb_frame.f_code
            step = step.tb_next
        return last is not None and not _CLOCKS.isdisjoint(last.co_names)


class SleepListener(Listener):
    """Notes the sleeps of one run that were overtaken.

    Attributes:
        overtaken: One line of text for each.
    """

    def __init__(self, run: ListenedRun) -> None:
        self.run = run
        self.overtaken: list[str] = []

    def fires(self, early: bool) -> None:  # noqa: FBT001
        """Note whose sleep ends although others could run."""
        number = self.run.clock.next_waiter()
        if not early or number is None:
            return
        task = self.run.tasks[number]
        target = task.waits_for
        if isinstance(target, Sleep):
            place = self.run.place_of(task.frame())
            others = ", ".join(self.run.tasks[each].name for each in self.run.runnable)
            text = (
                f"{task.name} wakes from sleep({target.seconds}) at {place} before {others} could go on: {place.source}"
            )
            if text not in self.overtaken:
                self.overtaken.append(text)
