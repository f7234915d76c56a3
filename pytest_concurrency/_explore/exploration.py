"""The loop: run the scenario schedule by schedule, stop at a bug, and explain it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core import schedule as schedules_
from pytest_concurrency._core import strategies
from pytest_concurrency._core.errors import (
    ConcurrencyError,
    DeadlockFound,
    NoProgressFound,
    NotDeterministicError,
    RaceFound,
    ReplayError,
)
from pytest_concurrency._core.schedule import Follower, Mark, Schedule, mark
from pytest_concurrency._core.shrink import shrink
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategy import Redundant, Strategy
from pytest_concurrency._core.verdict import Grade, Outcome, Verdict
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.listened import Feed
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._engine.stage import Record, Stage
from pytest_concurrency._explore.judging import FOUND, Judge
from pytest_concurrency._explore.plan import DEFAULT_SECONDS, Plan
from pytest_concurrency._machine import real
from pytest_concurrency._oracles.deadlocks import DeadlockHunt
from pytest_concurrency._oracles.races import RaceHunt

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._engine.listened import ListenedRun, Listener
    from pytest_concurrency._sight.watching import Watch

SHRINK_ATTEMPTS: Final = 400
SHRINK_SECONDS: Final = 3.0
INVESTIGATE_SECONDS: Final = 20.0


@dataclass(slots=True)
class Seen:
    """The first run that had an outcome.

    Attributes:
        choices: The strategy's answers in it.
        offered: The sites at which it could switch.
        usual: Whether it went without a switch that a schedule records.
        count: In how many runs the outcome was seen.
    """

    choices: list[int]
    offered: set[int]
    usual: bool
    count: int = 0


class Exploration:
    """One exploration of one scenario.

    Args:
        scenario: Called once per schedule.
        plan: What to do.
        watch: Whose code offers switches.
        owner: What replays are bound to: a test's id, or the scenario's name.
        command: Turns a replay token into the line a user pastes.
        before_run: Called before every run (clears captured output).
    """

    def __init__(
        self,
        scenario: Callable[[], Any],
        plan: Plan,
        watch: Watch,
        *,
        owner: str,
        command: Callable[[str], str],
        before_run: Callable[[], None] = lambda: None,
        twice: bool = False,
    ) -> None:
        self.scenario = scenario
        self.plan = plan
        self.watch = watch
        self.owner = owner
        self.command = command
        self.before_run = before_run
        self.twice = twice
        self.offered: set[int] = set()
        self.outcomes: dict[str, Seen] = {}
        self.count = 0
        self.uncontrolled: list[tuple[str, Any]] = []
        self.opaque = False
        self.cut = ""
        self.ended = False  # by the strategy itself, before the budget was used up

    def run(self, replay: str | None = None, first: str | None = None) -> Verdict:
        """Explore, or replay one schedule; `first` is a remembered failure to try before."""
        if here.task is not None:
            raise RuntimeError(
                f"explore must be called outside a controlled run, got a call from task {here.task.name!r}"
            )
        seconds = self.plan.seconds or DEFAULT_SECONDS
        with Stage(self.watch, clock_any=self.plan.clock == "any", patience=seconds) as stage:
            self.stage = stage
            self.feed = Feed(self.plan.oracles, self.watch)
            self.judge = Judge(self) if self.plan.oracles.any else None
            self.hunt = RaceHunt(self) if self.plan.races != "ignore" else None
            self.predictions = DeadlockHunt(self)
            self.feed.listeners = self._listeners
            self.deadline = stage.deadline = real.monotonic() + seconds
            if replay is not None:
                return self._replay(schedules_.decode(replay, self.owner))
            if first is not None:
                verdict = self._remembered(first)
                if verdict is not None:
                    return verdict
            return self._explore()

    # -- exploring

    def _explore(self) -> Verdict:
        plan = self.plan
        strategy = (
            plan.strategy
            if isinstance(plan.strategy, Strategy)
            else strategies.make(plan.strategy, seed=plan.seed, preemptions=plan.preemptions)
        )
        failed: tuple[Record, set[int], int] | None = None
        exhausted = False
        try:
            while self.count < plan.schedules and not self.cut:
                if not strategy.start_run():
                    self.ended, exhausted = True, strategy.exhaustive
                    break
                record = self._explore_once(strategy)
                if record.failed and failed is None:
                    failed = (record, set(self.offered), self.count)
                    if plan.stop_on_failure:
                        break
                self._note(record, strategy)
        except NotDeterministicError as error:
            return Verdict(Grade.UNFINISHED, self.count, str(error), outcomes=self._outcomes())
        if failed is not None:
            return self._investigate(*failed)
        verdict = self._passed(strategy, exhausted=exhausted)
        for look in (self.judge, self.predictions, self.hunt):
            if look is not None and verdict.error is None:
                verdict = look.after(verdict)
        return verdict

    def _explore_once(self, strategy: Strategy) -> Record:
        """Run one schedule, with the checks that belong to every one."""
        hunts = [each for each in (self.hunt, self.predictions) if each is not None]
        for each in hunts:
            each.turn(self.count)
        record = self._once(strategy)
        for each in hunts:
            each.on = False
        self.count += 1
        if record.finding is not None and record.finding[0] == "strategy" and type(record.finding[1]) is not Redundant:
            raise record.finding[1]
        strategy.end_run(cut=record.finding is not None)
        if self.count == 1 and self.twice and not record.failed:
            self._check_left_state(record)
        return record

    def _once(self, strategy: Strategy, recorder: Recorder | None = None, offered: set[int] | None = None) -> Record:
        self.before_run()
        listened = self.judge is not None or self.predictions.on or (self.hunt is not None and self.hunt.on)
        self.stage.controller = self.feed.controller if listened else Run
        if self.hunt is not None:
            self.hunt.prepare()
        record = self.stage.run(
            self.scenario, strategy, offered=self.offered if offered is None else offered, recorder=recorder
        )
        if self.hunt is not None:
            self.hunt.heard(record)
        self.predictions.heard(record)
        if record.interrupt is not None:
            raise record.interrupt
        if record.error is not None and explain.passes_through(record.error):
            raise record.error
        return record

    def _listeners(self, run: ListenedRun) -> list[Listener]:
        return [
            *(self.judge.listeners(run) if self.judge is not None else ()),
            *(self.hunt.listeners(run) if self.hunt is not None else ()),
            *self.predictions.listeners(run),
        ]

    def _note(self, record: Record, strategy: Strategy) -> None:
        self.uncontrolled += record.uncontrolled[:1]
        self.opaque = self.opaque or record.opaque
        if record.finding is not None and record.finding[0] == "cut":
            self.cut = str(record.finding[1])
        if not record.failed and record.finding is None:
            text = repr(record.value)
            if text not in self.outcomes:
                self.outcomes[text] = Seen(list(record.choices), set(self.offered), record.usual)
            self.outcomes[text].count += 1
        if record.widened:
            self.offered |= record.widened
            strategy.widened()
        if real.monotonic() > self.deadline:
            self.cut = self.cut or f"{self.plan.seconds or DEFAULT_SECONDS:g} s were used up"

    def _check_left_state(self, record: Record) -> None:
        again = self._once(Positional(list(record.choices)))
        if again.failed or (again.finding is not None and again.finding[0] == "strategy"):
            problem = explain.headline_of(again) if again.failed else "it did other things"
            raise explain.StateLeftError(
                f"the test leaves state behind: the same schedule, run twice, differed ({problem})"
            )

    def _passed(self, strategy: Strategy, *, exhausted: bool) -> Verdict:
        """Grade an exploration that found no failure."""
        count, outcomes = self.count, self._outcomes()
        if self.uncontrolled:
            name, place = self.uncontrolled[0]
            reason = f"{name} waited outside the engine's control: {place}"
            return Verdict(Grade.UNCONTROLLED, count, reason, outcomes=outcomes)
        if not self.stage.saw_watched:
            reason = f"{count} schedules; nothing was watched: set concurrency_watch"
            return Verdict(Grade.SAMPLED, count, reason, outcomes=outcomes)
        if self.cut:
            return Verdict(Grade.UNFINISHED, count, f"{self.cut}, after {count} schedules", outcomes=outcomes)
        if exhausted and not self.opaque:
            reason = f"{strategy.describe()}, in {count} schedules"
            return Verdict(Grade.PROVED, count, reason, outcomes=outcomes)
        ended = f"; {strategy.describe()}" if self.ended and not strategy.exhaustive else ""
        if exhausted:
            ended = ", all that can differ, but no proof: what some call does to shared state cannot be seen"
        return Verdict(Grade.SAMPLED, count, f"{count} schedules{ended}", outcomes=outcomes)

    def _outcomes(self) -> dict[str, Outcome]:
        found = {}
        for text, seen in self.outcomes.items():
            recorder = Recorder(self.watch)
            if not seen.usual:  # else there is no switch to be named
                self._once(Positional(seen.choices), recorder, seen.offered)
            found[text] = Outcome(seen.count, Schedule(self.owner, tuple(map(mark, recorder.switches))).encode())
        return found

    # -- explaining

    def _investigate(self, record: Record, offered: set[int], number: int) -> Verdict:
        """Record the failing run in detail, make it small, and tell it."""
        self.stage.deadline = real.monotonic() + INVESTIGATE_SECONDS
        recorder = Recorder(self.watch)
        again = self._once(Positional(list(record.choices)), recorder, offered)
        wanted = explain.signature(record, self.watch)
        if explain.signature(again, self.watch) != wanted:
            return self._failed(
                record,
                recorder,
                (),
                number,
                note="a second run of the same schedule was different: " + explain.difference(again),
            )
        switches = self._shrunk(
            tuple(map(mark, recorder.switches)), lambda record: bool(explain.signature(record, self.watch) == wanted)
        )
        final, last = self._follow(switches)
        if explain.signature(final, self.watch) != wanted:
            return self._failed(
                again,
                recorder,
                tuple(map(mark, recorder.switches)),
                number,
                note="the schedule could not be replayed by name",
            )
        return self._failed(final, last, switches, number)

    def _shrunk(self, switches: tuple[Mark, ...], shows: Callable[[Record], bool]) -> tuple[Mark, ...]:
        deadline = real.monotonic() + SHRINK_SECONDS

        def still_shows(candidate: tuple[Mark, ...]) -> bool:
            if real.monotonic() > deadline:
                return False
            record, _ = self._follow(candidate)
            return shows(record)

        return shrink(switches, still_shows, SHRINK_ATTEMPTS)

    def _follow(self, marks: tuple[Mark, ...]) -> tuple[Record, Recorder]:
        recorder = Recorder(self.watch, Follower(marks))
        if self.judge is None:
            return self._once(Strategy(), recorder), recorder
        with self.judge.following(marks):
            return self._once(Strategy(), recorder), recorder

    def _failed(
        self, record: Record, recorder: Recorder, switches: tuple[Mark, ...], number: int, note: str = ""
    ) -> Verdict:
        token = Schedule(self.owner, switches).encode() if not note else ""
        report = explain.report(
            record,
            recorder,
            self.watch,
            relevant=record.shared,
            replay=self.command(token) if token else "",
            notes=(note,) if note else (),
        )
        judged = None if self.judge is None else self.judge.error(record, report)
        error = error_for(record, report) if judged is None else judged
        report = error.report
        reason = f"{report.headline} (schedule {number})"
        return Verdict(Grade.FAILED, number, reason, error, token)

    # -- replaying

    def _again(self, schedule: Schedule) -> tuple[Verdict | None, Recorder]:
        """Run a recorded schedule; return what it shows, if it still shows anything."""
        with contextlib.nullcontext() if self.hunt is None else self.hunt.listening():
            record, recorder = self._follow(schedule.marks)
        if record.failed:
            return self._failed(record, recorder, schedule.marks, 1), recorder
        return (None if self.hunt is None else self.hunt.replayed(record, recorder, schedule.marks)), recorder

    def _replay(self, schedule: Schedule) -> Verdict:
        verdict, recorder = self._again(schedule)
        if verdict is not None:
            return verdict
        assert recorder.follower is not None
        left = recorder.follower.left
        reason = "the replayed schedule does not fail any more"
        if left:
            reason = (
                f"the replay left the record: {left}; the code has changed there, or it depends on the order of "
                "a set or a hash: then run with the PYTHONHASHSEED of the failure"
            )
        return Verdict(Grade.SAMPLED, 1, reason)

    def _remembered(self, token: str) -> Verdict | None:
        try:
            schedule = schedules_.decode(token, self.owner)
        except ReplayError:
            return None  # remembered by another version
        verdict, _ = self._again(schedule)
        return verdict if verdict is not None and verdict.error is not None else None


def error_for(record: Record, report: Report) -> ConcurrencyError:
    """Return the error that tells a failing run."""
    if record.error is not None or record.errors:
        error: ConcurrencyError = RaceFound(report)
        error.__cause__ = explain.combined(record)
        return error
    assert record.finding is not None
    if record.finding[0] == "oracle":
        return FOUND[record.finding[1].oracle](report)
    if record.finding[0] == "deadlock":
        return DeadlockFound(report)
    return NoProgressFound(report)
