"""The loop: run the scenario schedule by schedule, stop at a bug, and explain it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pytest_concurrency._core import schedule as schedules_
from pytest_concurrency._core import strategies
from pytest_concurrency._core.errors import (
    ConcurrencyError,
    DeadlockFound,
    NoProgressFound,
    NotDeterministicError,
    RaceFound,
)
from pytest_concurrency._core.report import Report
from pytest_concurrency._core.schedule import Follower, Schedule, Switch
from pytest_concurrency._core.shrink import shrink
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._core.verdict import Grade, Outcome, Verdict
from pytest_concurrency._explore import explain
from pytest_concurrency._runtimes import real
from pytest_concurrency._runtimes.threads.current import here
from pytest_concurrency._runtimes.threads.harness import Harness, Record
from pytest_concurrency._runtimes.threads.scribe import Scribe
from pytest_concurrency._runtimes.watching import Watch

DEFAULT_SECONDS: Final = 10.0
SHRINK_ATTEMPTS: Final = 400
SHRINK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an exploration is asked to do; the meaning of each field is `explore`'s."""

    schedules: int = 1000
    strategy: str | Strategy = "auto"
    seed: int = 0
    preemptions: int | None = None
    seconds: float | None = None
    races: str = "report"
    clock: str = "exact"
    stop_on_failure: bool = True

    def __post_init__(self) -> None:
        _require_whole("schedules", self.schedules, 1)
        _require_whole("seed", self.seed, None)
        if self.preemptions is not None:
            _require_whole("preemptions", self.preemptions, 0)
        if self.seconds is not None and not (isinstance(self.seconds, (int, float)) and self.seconds > 0):
            raise ValueError(f"seconds must be > 0, got {self.seconds!r}")
        _require_one_of("clock", self.clock, ("exact", "any"))
        _require_one_of("races", self.races, ("fail", "report", "ignore"))
        if not isinstance(self.strategy, Strategy):
            _require_one_of("strategy", self.strategy, strategies.NAMES)


def _require_whole(name: str, value: Any, least: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be >= {least}, got {value!r}")


def _require_one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def check_scenario(scenario: Any) -> None:
    """Refuse what cannot be called once per schedule.

    Raises:
        TypeError: It is not callable, takes arguments, or is asynchronous.
    """
    if not callable(scenario):
        raise TypeError(f"scenario must be callable without arguments, got {scenario!r}")
    if inspect.iscoroutinefunction(scenario) or inspect.isasyncgenfunction(scenario):
        raise TypeError(f"scenario must be a plain function, got the async function {explain.name_of(scenario)!r}")
    if inspect.isgeneratorfunction(scenario):
        raise TypeError(f"scenario must be a plain function, got the generator function {explain.name_of(scenario)!r}")
    try:
        inspect.signature(scenario).bind()
    except TypeError:
        given = f"{explain.name_of(scenario)}{inspect.signature(scenario)}"
        raise TypeError(f"scenario must be callable without arguments, got {given!r}") from None
    except ValueError:
        pass  # a built-in without a signature: calling it will tell


def default_watch(scenario: Any, names: Iterable[str]) -> Watch:
    """Watch the scenario's module and what lies beside and below it."""
    code = getattr(inspect.unwrap(scenario), "__code__", None)
    file = code.co_filename if code is not None else ""
    folders = [Path(file).parent] if file and not file.startswith("<") else [Path.cwd()]
    return Watch(folders, names)


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
        self.outcomes: dict[str, list[Any]] = {}
        self.count = 0
        self.uncontrolled: list[tuple[str, Any]] = []
        self.watched_events = 0
        self.cut = ""

    def run(self, replay: str | None = None, first: str | None = None) -> Verdict:
        """Explore, or replay one schedule; `first` is a remembered failure to try before."""
        if here.task is not None:
            raise RuntimeError(
                f"explore must be called outside a controlled run, got a call from task {here.task.name!r}"
            )
        seconds = self.plan.seconds or DEFAULT_SECONDS
        with Harness(self.watch, clock_any=self.plan.clock == "any", patience=seconds) as harness:
            self.harness = harness
            self.deadline = real.monotonic() + seconds
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
        failed: tuple[Record, set[int]] | None = None
        failed_at = 0
        while self.count < plan.schedules:
            if not strategy.start_run():
                break
            record = self._once(strategy)
            self.count += 1
            strategy.end_run(cut=record.finding is not None)
            if isinstance(record.finding, tuple) and record.finding[0] == "strategy":
                return self._strategy_failed(record.finding[1])
            if self.count == 1 and self.twice and not record.failed:
                self._check_left_state(record)
            if record.failed and failed is None:
                failed, failed_at = (record, set(self.offered)), self.count
                if plan.stop_on_failure:
                    break
            self._note(record, strategy)
            if real.monotonic() > self.deadline:
                self.cut = self.cut or f"{plan.seconds or DEFAULT_SECONDS:g} s were used up"
                break
        else:
            self.cut = self.cut or ("" if not strategy.exhaustive else "")
            return self._ended(strategy, failed, failed_at, exhausted=False)
        exhausted = self.count < plan.schedules and not self.cut and failed is None
        exhausted = exhausted or (not plan.stop_on_failure and not self.cut)
        return self._ended(strategy, failed, failed_at, exhausted=exhausted)

    def _once(self, strategy: Strategy, scribe: Scribe | None = None, offered: set[int] | None = None) -> Record:
        self.before_run()
        record = self.harness.run(
            self.scenario, strategy, offered=self.offered if offered is None else offered, scribe=scribe
        )
        if record.interrupt is not None:
            raise record.interrupt
        if record.error is not None and explain.passes_through(record.error):
            raise record.error
        return record

    def _note(self, record: Record, strategy: Strategy) -> None:
        self.watched_events += record.watched_events
        self.uncontrolled += record.uncontrolled[:1]
        if record.finding is not None and record.finding[0] == "cut":
            self.cut = str(record.finding[1])
        if not record.failed and record.finding is None:
            entry = self.outcomes.setdefault(repr(record.value), [0, list(record.choices), set(self.offered)])
            entry[0] += 1
        if record.widened:
            self.offered |= record.widened
            strategy.widened()

    def _check_left_state(self, record: Record) -> None:
        again = self._once(Positional(list(record.choices)))
        if again.failed or (again.finding is not None and again.finding[0] == "strategy"):
            problem = explain.headline_of(again) if again.failed else "it did other things"
            raise explain.StateLeftError(
                f"the test leaves state behind: the same schedule, run twice, differed ({problem})"
            )

    def _strategy_failed(self, error: BaseException) -> Verdict:
        if isinstance(error, NotDeterministicError):
            return Verdict(Grade.UNFINISHED, self.count, str(error), outcomes=self._outcomes())
        raise error

    def _ended(self, strategy: Strategy, failed: Any, failed_at: int, *, exhausted: bool) -> Verdict:
        if failed is not None:
            record, offered = failed
            verdict = self._investigate(record, offered, failed_at)
            return verdict
        outcomes = self._outcomes()
        count = self.count
        if self.uncontrolled:
            name, place = self.uncontrolled[0]
            return Verdict(
                Grade.UNCONTROLLED, count, f"{name} waited outside the engine's control: {place}", outcomes=outcomes
            )
        if exhausted and strategy.exhaustive and self.watched_events:
            return Verdict(Grade.PROVED, count, f"all {count} schedules with {strategy.describe()}", outcomes=outcomes)
        if self.cut:
            return Verdict(Grade.UNFINISHED, count, f"{self.cut}, after {count} schedules", outcomes=outcomes)
        if not self.watched_events:
            return Verdict(
                Grade.SAMPLED,
                count,
                f"{count} schedules; nothing was watched: set concurrency_watch",
                outcomes=outcomes,
            )
        return Verdict(Grade.SAMPLED, count, f"{count} schedules", outcomes=outcomes)

    def _outcomes(self) -> dict[str, Outcome]:
        found = {}
        for text, (count, choices, offered) in self.outcomes.items():
            scribe = Scribe(self.watch)
            self._once(Positional(choices), scribe, offered)
            found[text] = Outcome(count, Schedule(self.owner, tuple(scribe.switches)).encode())
        return found

    # -- explaining

    def _investigate(self, record: Record, offered: set[int], number: int) -> Verdict:
        """Record the failing run in detail, make it small, and tell it."""
        scribe = Scribe(self.watch)
        again = self._once(Positional(list(record.choices)), scribe, offered)
        wanted = explain.signature(record, self.watch)
        if explain.signature(again, self.watch) != wanted:
            return self._failed(
                record,
                scribe,
                (),
                number,
                note="a second run of the same schedule was different: " + explain.difference(again),
            )
        switches = self._shrunk(tuple(scribe.switches), wanted)
        final, last = self._follow(switches)
        if explain.signature(final, self.watch) != wanted:
            return self._failed(
                again, scribe, tuple(scribe.switches), number, note="the schedule could not be replayed by name"
            )
        return self._failed(final, last, switches, number)

    def _shrunk(self, switches: tuple[Switch, ...], wanted: Any) -> tuple[Switch, ...]:
        deadline = real.monotonic() + SHRINK_SECONDS

        def still_fails(candidate: tuple[Switch, ...]) -> bool:
            if real.monotonic() > deadline:
                return False
            record, _ = self._follow(candidate)
            return explain.signature(record, self.watch) == wanted

        return shrink(switches, still_fails, SHRINK_ATTEMPTS)

    def _follow(self, switches: tuple[Switch, ...]) -> tuple[Record, Scribe]:
        scribe = Scribe(self.watch, Follower(switches))
        return self._once(Strategy(), scribe), scribe

    def _failed(
        self, record: Record, scribe: Scribe, switches: tuple[Switch, ...], number: int, note: str = ""
    ) -> Verdict:
        token = Schedule(self.owner, switches).encode() if not note else ""
        report = explain.report(
            record,
            scribe,
            self.watch,
            switches=len(switches),
            replay=self.command(token) if token else "",
            notes=(note,) if note else (),
        )
        error = _error_for(record, report)
        reason = f"{report.headline} (schedule {number})"
        return Verdict(Grade.FAILED, number, reason, error, token)

    # -- replaying

    def _replay(self, schedule: Schedule) -> Verdict:
        record, scribe = self._follow(schedule.switches)
        if record.failed:
            return self._failed(record, scribe, schedule.switches, 1)
        assert scribe.follower is not None
        left = scribe.follower.left
        reason = "the replayed schedule does not fail any more"
        if left is not None:
            reason = f"the replay left the record: task {left.task} never came to {left.where} for the {left.nth}. time"
        return Verdict(Grade.SAMPLED, 1, reason)

    def _remembered(self, token: str) -> Verdict | None:
        schedule = schedules_.decode(token, self.owner)
        record, scribe = self._follow(schedule.switches)
        return self._failed(record, scribe, schedule.switches, 1) if record.failed else None


def _error_for(record: Record, report: Report) -> ConcurrencyError:
    if record.error is not None or record.errors:
        error: ConcurrencyError = RaceFound(report)
        error.__cause__ = explain.combined(record)
        return error
    assert record.finding is not None
    if record.finding[0] == "deadlock":
        return DeadlockFound(report)
    return NoProgressFound(report)


def explore(
    scenario: Callable[[], Any],
    *,
    schedules: int = 1000,
    strategy: str | Strategy = "auto",
    seed: int = 0,
    preemptions: int | None = None,
    seconds: float | None = None,
    races: str = "report",
    clock: str = "exact",
    watch: Iterable[str] = (),
    stop_on_failure: bool = True,
    replay: str | None = None,
) -> Verdict:
    """Run a scenario under many schedules and tell what they showed.

    The scenario is called once per schedule, in the calling thread; threads that it starts are
    real threads, of which one runs at a time. It should make its state anew at every call.

    Args:
        scenario: A function without arguments. What it returns, compared by `repr`, is its
            outcome; what it or one of its threads raises is the finding.
        schedules: Try at most so many.
        strategy: `auto`, `random`, `pct`, `dfs`, or a `Strategy` of your own.
        seed: Makes random strategies repeatable.
        preemptions: Bound on preemptions for `dfs`; None is no bound.
        seconds: Try no longer than this (real time); None is 10 s.
        races: What to do about unordered accesses: `fail`, `report` or `ignore`.
        clock: `exact` (time moves only when nobody can run) or `any` (time may pass at any step).
        watch: Names of further packages or modules whose code offers switches.
        stop_on_failure: Whether to end at the first failure.
        replay: A token from `Verdict.replay`: run that one schedule again.

    Returns:
        The verdict; what the scenario does is never raised, except that Ctrl-C, SystemExit,
        skips and the like pass through.

    Raises:
        TypeError: The scenario is not a plain function without arguments.
        ValueError: A setting or the replay is not usable.
        RuntimeError: Called from inside a controlled run.
    """
    check_scenario(scenario)
    plan = Plan(schedules, strategy, seed, preemptions, seconds, races, clock, stop_on_failure)
    name = explain.name_of(scenario)
    owner = f"{getattr(scenario, '__module__', '')}.{name}"
    exploration = Exploration(
        scenario,
        plan,
        default_watch(scenario, watch),
        owner=owner,
        command=lambda token: f"explore({name}, replay={token!r})",
    )
    return exploration.run(replay)
