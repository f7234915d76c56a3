"""Joins the oracles to an exploration: what listens during its runs, and what is tried after them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core import errors, strategies
from pytest_concurrency._core.operations import TIME
from pytest_concurrency._core.strategies.fair import FairTurns
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._core.telling.report import Report
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.entries import Entries
from pytest_concurrency._engine.listened import Feed, Functions, ListenedRun, Listener
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._machine import real
from pytest_concurrency._oracles import timeouts as timeout_feed
from pytest_concurrency._oracles.busy_waiting import BusyFeed
from pytest_concurrency._oracles.kept_locks import Injection, KeptFeed
from pytest_concurrency._oracles.serialised import OutlivingFeed, Overlap, OverlapFeed, StarvationFeed
from pytest_concurrency._oracles.sleeps import SleepFeed
from pytest_concurrency._oracles.timeouts import TimeoutFeed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.oracles import Finding
    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._engine.stage import Record
    from pytest_concurrency._engine.task import Task

FOUND: Final[dict[str, type[errors.ConcurrencyError]]] = {
    "busy_waiting": errors.BusyWaitFound,
    "sleep_ordering": errors.SleepOrderFound,
    "ignored_timeouts": errors.IgnoredTimeoutFound,
    "kept_locks": errors.KeptLockFound,
    "starvation": errors.StarvationFound,
    "serialised": errors.SerialisedFound,
    "outliving_threads": errors.OutlivingThreadFound,
}
FURTHER_SECONDS: Final = 2.0
OVERLAP_RUNS: Final = 30
EARLY_RUNS: Final = 60
EARLY_LEAST: Final = 10
FAIR_RUNS: Final = 8
INJECTED_CALLS: Final = 6
INJECTED_RUNS: Final = 4
_CLOCKS: Final = frozenset({"monotonic", "perf_counter", "monotonic_ns", "perf_counter_ns"})


class Judge:
    """The oracles of one exploration."""

    def __init__(self, exploration: Any) -> None:
        self._exploration = exploration
        self.oracles = oracles = exploration.plan.oracles
        self.feed: Feed = exploration.feed
        self._overlap = Overlap(Functions(oracles.overlapping, exploration.watch))
        self._injection = Injection(Functions(oracles.inject, exploration.watch))
        self._owners = Functions(oracles.owners, exploration.watch)
        self._turns = Functions(oracles.turns, exploration.watch)
        self._is_fair = False
        self._sleeps: SleepFeed | None = None
        self._limit = 0.0
        stage = exploration.stage
        if oracles.on("ignored_timeouts"):
            timeout_feed.install(stage._patches)
        entered = Functions((*oracles.overlapping, *oracles.inject, *oracles.turns), exploration.watch)
        if entered:
            entries = Entries(entered, _tell)
            stage._exit.callback(entries.stop)
            entries.start()

    def listeners(self, run: ListenedRun) -> list[Listener]:
        """Make what listens to the next run."""
        on = self.oracles.on
        listeners: list[Listener] = []
        self._sleeps = None
        if on("busy_waiting"):
            listeners.append(BusyFeed(run, self.feed))
        if on("serialised") and self._overlap.functions:
            listeners.append(OverlapFeed(run, self._overlap))
        if on("outliving_threads"):
            listeners.append(OutlivingFeed(run, self._owners))
        if on("ignored_timeouts"):
            listeners.append(TimeoutFeed(run))
        if on("kept_locks") and self._injection.functions:
            listeners.append(KeptFeed(run, self._injection))
        if self._is_fair:
            listeners.append(StarvationFeed(run, self._turns, self.oracles.bound))
        if self.feed.early:
            self._sleeps = SleepFeed(run)
            listeners.append(self._sleeps)
        return listeners

    # -- what the exploration asks

    @contextlib.contextmanager
    def following(self, marks: tuple[Mark, ...]) -> Iterator[None]:
        """Let time pass early in a run that follows a schedule in which it does."""
        before = self.feed.early
        if any(each.to == TIME for each in marks) and self._exploration.plan.clock != "any":
            self.feed.early = "all"
        try:
            yield
        finally:
            self.feed.early = before

    def error(self, record: Record, report: Report) -> errors.ConcurrencyError | None:
        """Return the error of a run that failed because a sleep was overtaken; None for other runs."""
        if self._sleeps is None or not self.oracles.on("sleep_ordering"):
            return None
        if record.finding is not None and record.finding[0] == "oracle":
            return None
        told = self._sleeps.overtaken
        if not told:
            return None
        error = errors.SleepOrderFound(
            Report(
                headline=f"sleep as synchronisation: {report.headline}, when a sleep is overtaken",
                error=(*report.error, *told),
                tasks=report.tasks,
                columns=report.columns,
                lanes=report.lanes,
                replay=report.replay,
                cause="a sleep orders nothing, it only makes the order likely that its author had in mind; wait for "
                "what has to happen: Thread.join, Event.wait, Condition.wait_for, Queue.get",
                notes=report.notes,
            )
        )
        if record.error is not None or record.errors:
            error.__cause__ = explain.combined(record)
        return error

    def after(self, verdict: Verdict) -> Verdict:
        """Judge an exploration that found no failure, with further schedules where they are needed."""
        for phase in (self._serialised, self._kept_locks, self._early_sleeps, self._early_timeouts, self._starvation):
            self._limit = max(self._exploration.deadline, real.monotonic() + FURTHER_SECONDS)
            found = phase()
            if found is not None:
                return found
        return verdict

    # -- further schedules

    def _runs(self, strategy: Strategy, most: int) -> Iterator[Record]:
        exploration = self._exploration
        for _ in range(most):
            if real.monotonic() > self._limit or not strategy.start_run():
                return
            record = exploration._once(strategy)
            strategy.end_run(cut=record.finding is not None)
            if record.finding is not None and record.finding[0] == "strategy":
                return
            yield record
            if record.widened:
                exploration.offered |= record.widened
                strategy.widened()

    def _random(self) -> Strategy:
        return strategies.make("random", seed=self._exploration.plan.seed, preemptions=None)

    def _serialised(self) -> Verdict | None:
        if not self.oracles.on("serialised") or not self._overlap.functions:
            return None
        overlap = self._overlap
        for _ in self._runs(self._random(), OVERLAP_RUNS):
            if overlap.found:
                break
        if overlap.found:
            return None
        given = self.oracles.overlapping
        names = " or ".join(each if isinstance(each, str) else explain.name_of(each) for each in given)
        who = ", ".join(overlap.callers)
        report = Report(
            headline=f"serialised: in no schedule were two tasks inside {names} at the same time",
            error=(f"called by {who}" if who else "nobody was seen inside it", *list(overlap.waits)[:4]),
            cause="the work could overlap and does not: hold a lock only while shared data is touched, start all "
            "threads before joining the first, submit all jobs before asking for the first result",
        )
        return self._failed(report, "serialised")

    def _kept_locks(self) -> Verdict | None:
        injection = self._injection
        if not self.oracles.on("kept_locks") or not injection.functions:
            return None
        try:
            for injection.at in range(1, INJECTED_CALLS + 1):
                for strategy in (Strategy(), self._random()):
                    for _ in self._runs(strategy, 1 if type(strategy) is Strategy else INJECTED_RUNS):
                        if injection.finding is not None:
                            return self._kept(injection.finding)
                if not injection.done:
                    break
        finally:
            injection.at = 0
        return None

    def _kept(self, finding: Finding) -> Verdict:
        assert self.feed.run is not None
        lanes = self._recorded(list(self.feed.run.choices))
        report = Report(
            finding.headline,
            error=finding.evidence,
            columns=lanes.columns,
            lanes=lanes.told(self._exploration.offered),
            cause=finding.cause,
        )
        return self._failed(report, "kept_locks")

    def _early_sleeps(self) -> Verdict | None:
        if not self.oracles.on("sleep_ordering") or self._exploration.plan.clock == "any":
            return None
        self.feed.early = "sleeps"
        try:
            plan = self._exploration.plan
            strategy = strategies.make("random", seed=plan.seed, preemptions=plan.preemptions)
            for number, record in enumerate(self._runs(strategy, min(plan.schedules, EARLY_RUNS)), 1):
                if record.failed and not self._is_about_time(record):
                    verdict: Verdict = self._exploration._investigate(record, set(self._exploration.offered), number)
                    return verdict
        finally:
            self.feed.early = ""
        return None

    def _is_about_time(self, record: Record) -> bool:
        """Tell whether an assertion about durations failed: they mean nothing while time jumps."""
        error = record.error if record.error is not None else (record.errors[0][1] if record.errors else None)
        step, last = (error.__traceback__ if error is not None else None), None
        while step is not None:
            if self._exploration.watch.is_watched(step.tb_frame.f_code.co_filename):
                last = step.tb_frame.f_code
            step = step.tb_next
        return last is not None and not _CLOCKS.isdisjoint(last.co_names)

    def _early_timeouts(self) -> Verdict | None:
        if not (self.oracles.on("ignored_timeouts") or self.oracles.on("busy_waiting")):
            return None
        tried = self._exploration.count
        most = min(tried, max(EARLY_LEAST, tried // 20), EARLY_RUNS)  # whoever looks away does so in most schedules
        self.feed.early = "all"
        try:
            for number, record in enumerate(self._runs(self._random(), most), 1):
                by_oracle = record.finding is not None and record.finding[0] == "oracle"
                if by_oracle and not record.errors and record.error is None:
                    verdict: Verdict = self._exploration._investigate(record, set(self._exploration.offered), number)
                    return verdict
        finally:
            self.feed.early = ""
        return None

    def _starvation(self) -> Verdict | None:
        if not self.oracles.on("starvation"):
            return None
        self._is_fair = True
        try:
            for turn in range(1, FAIR_RUNS + 1):
                for record in self._runs(FairTurns(turn), 1):
                    if record.finding is not None and record.finding[0] == "oracle":
                        recorder = self._recorded(list(record.choices))
                        told = explain.report(
                            record, recorder, self._exploration.watch, relevant=self._exploration.offered,
                            replay="", notes=("under a fair schedule",),
                        )  # fmt: skip
                        return self._failed(told, "starvation")
        finally:
            self._is_fair = False
        return None

    # -- telling

    def _recorded(self, choices: list[int]) -> Recorder:
        """Run once more what has just been run, for its lanes."""
        recorder = Recorder(self._exploration.watch)
        self._exploration._once(Positional(choices), recorder)
        return recorder

    def _failed(self, report: Report, oracle: str) -> Verdict:
        count = self._exploration.count
        return Verdict(Grade.FAILED, count, f"{report.headline} (after {count} schedules)", FOUND[oracle](report))


def _tell(task: Task, code: Any) -> None:
    run = task.run
    if isinstance(run, ListenedRun):
        run.feed.entered(task, code)
