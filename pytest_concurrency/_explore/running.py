"""Single schedules of one scenario: of the search, further ones, and recorded ones."""

from __future__ import annotations

import contextlib
import warnings
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import TIME
from pytest_concurrency._core.parts import Shown, contradiction, digests
from pytest_concurrency._core.schedule import Mark, Schedule
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategy import Elsewhere, Strategy
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.choosing import ANY
from pytest_concurrency._engine.listened import ListenedRun
from pytest_concurrency._engine.record import Record, Seen
from pytest_concurrency._engine.run import Run
from pytest_concurrency._engine.scripts.following import Following
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._explore.plan import DEFAULT_SECONDS
from pytest_concurrency._explore.state import State
from pytest_concurrency._machine import real
from pytest_concurrency._sight import stacks
from pytest_concurrency._sight.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._engine.stage import Stage
    from pytest_concurrency._explore.judging import Judges
    from pytest_concurrency._explore.plan import Plan
    from pytest_concurrency._explore.strangers import Strangers
    from pytest_concurrency._sight.watching import Watch

FURTHER_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is run.

    Attributes:
        function: Called once for each schedule.
        owner: What replays are bound to: a test's id, or the function's name.
        command: Turns a replay token into the line a user pastes.
        before_run: Called before every run (clears captured output).
        judge: Returns the record of a run with what it shows beside; it may make runs of its own on the stage.
        passes: Tells whether what it raises is no failure, but goes to who explores it.
    """

    function: Callable[[], Any]
    owner: str
    command: Callable[[str], str]
    before_run: Callable[[], None] = lambda: None
    judge: Callable[[Record, Stage], Record] | None = None
    passes: Callable[[BaseException], bool] = explain.passes_through


class Running:
    """Runs schedules of one scenario, on a stage that is set.

    Attributes:
        offered: Sites where runs offer switches; grows with what they show.
        count: How many schedules the search has begun.
        elsewhere: How many of them it has left to another part.
        outcomes: What the scenario returned in them, as text, and the first run of each.
        uncontrolled: (task, place) of what waited outside the engine's control in them.
        deadline: When the search is to end, in real time.
        state: What the first schedule finds.
        limited: Lines (file, number) at which one of them has waited with a limit that came in none.
        strangers: Knows of threads that were there before.
    """

    def __init__(
        self, scenario: Scenario, plan: Plan, watch: Watch, judges: Judges, stage: Stage, strangers: Strangers
    ) -> None:
        self.scenario = scenario
        self.plan = plan
        self.watch = watch
        self.judges = judges
        self.stage = stage
        self.strangers = strangers
        self.offered: set[int] = set()
        self.count = 0
        self.elsewhere = 0
        self.outcomes: dict[str, Seen] = {}
        self.uncontrolled: list[tuple[str, Any]] = []
        self.deadline = real.monotonic() + (plan.seconds or DEFAULT_SECONDS)
        self.state = State(watch, scenario.function)
        self.limited: set[tuple[str, int]] = set()
        self._gave_up: set[tuple[str, int]] = set()
        self._searched: set[str] = set()  # outcomes of those runs that are to prove something
        self._early = ""

    # -- one run

    def forget(self) -> None:
        """Begin to count anew: what has been found so far proves nothing."""
        self.count = self.elsewhere = 0
        self.outcomes.clear()
        self._searched.clear()

    def once(
        self,
        strategy: Strategy,
        recorder: Recorder | None = None,
        offered: set[int] | None = None,
        *,
        guide: Following | None = None,
        number: int | None = None,
        replay: bool = False,
    ) -> Record:
        """Run one schedule.

        Raises:
            BaseException: What ends the session, or passes through the test: Ctrl-C, a skip.
        """
        self.scenario.before_run()
        offered = self.offered if offered is None else offered
        is_heard = self.judges.prepare(number, replay=replay)
        record = self.stage.run(
            self.scenario.function,
            strategy,
            offered=offered,
            recorder=recorder,
            deadline=self.deadline,
            guide=guide,
            time=self._early or None,
            make=self._listened if is_heard or self._early else Run,
        )
        self.deadline += record.debugged
        self.judges.heard(record, offered)
        if record.interrupt is not None:
            raise record.interrupt
        own = record.interrupted_itself and isinstance(record.error, KeyboardInterrupt)
        if record.error is not None and not own and self.scenario.passes(record.error):
            raise record.error
        return record if self.scenario.judge is None else self.scenario.judge(record, self.stage)

    def _listened(self, *args: Any, **kwargs: Any) -> Run:
        return ListenedRun(self.judges.listeners, *args, early=bool(self._early), **kwargs)

    def follow(
        self, marks: tuple[Mark, ...], *, replay: bool = False, guide: Following | None = None, told: bool = True
    ) -> tuple[Record, Recorder]:
        """Run a recorded schedule; time passes early in it where that is recorded.

        Args:
            marks: The schedule.
            replay: Whether a user has asked for it.
            guide: Who follows it.
            told: Whether a report may tell this run.
        """
        recorder = Recorder(self.watch, draws=told and self.plan.draws)
        guide = Following(marks) if guide is None else guide
        passes = any(each.to == TIME for each in marks) and self.plan.clock != "any"
        with self.early(ANY if passes else self._early):
            return self.once(Strategy(), recorder, guide=guide, replay=replay), recorder

    def lanes(self, choices: list[int], offered: set[int] | None = None) -> Recorder:
        """Run once more what has been run, for its interleaving and its switches."""
        recorder = Recorder(self.watch, draws=self.plan.draws)
        self.once(Positional(choices), recorder, offered)
        return recorder

    @contextlib.contextmanager
    def early(self, mode: str) -> Iterator[None]:
        """Let deadlines come in the body before nobody can run: `SLEEPS` their ends, `ANY` every one.

        What is warned of then says nothing: asyncio warns where it has waited for an executor in vain.
        """
        before, self._early = self._early, mode
        try:
            with warnings.catch_warnings(record=True) if mode else contextlib.nullcontext():
                yield
        finally:
            self._early = before

    # -- of the search

    def next(self, strategy: Strategy) -> Record:
        """Run the next schedule of the search."""
        record = self.once(strategy, number=self.count)
        self.counts(record)
        return record

    @property
    def tried(self) -> int:
        """How many schedules the search has tried."""
        return self.count - self.elsewhere

    def counts(self, record: Record) -> None:
        """Count a run as a schedule of the search."""
        self.count += 1
        self.elsewhere += type(record.refused) is Elsewhere
        self.was_outside(record)
        self._gave_up |= record.gave_up
        self.limited = (self.limited | record.limited) - self._gave_up

    def was_outside(self, record: Record) -> None:
        """Note what a run has waited for outside the engine's control."""
        self.uncontrolled += record.uncontrolled[:1]

    def note(self, record: Record, strategy: Strategy) -> None:
        """Keep what a schedule of the search has shown."""
        if not record.failed and record.finding is None:
            text = record.outcome
            if strategy.searches:
                self._searched.add(stacks.without_addresses(text))
            if text not in self.outcomes:
                self.outcomes[text] = Seen(list(record.choices), set(self.offered), record.usual)
            self.outcomes[text].again()
        self.widen(record, strategy)

    def contradiction(self, strategy: Strategy) -> str:
        """Say what contradicts a search that has come to its end; "" for nothing.

        Then we have overlooked something; see `contradiction`.
        """
        if self.plan.part is not None:
            return ""  # what it has not, another part may have: that is seen when they are joined
        return contradiction(self._seen(), self._searched, strategy.interleavings)

    def _seen(self) -> set[str]:
        return set(map(stacks.without_addresses, self.outcomes))

    def shown(self, strategy: Strategy) -> Shown:
        """Return what this search has shown that is to be joined with what other parts show."""
        offered = zlib.crc32("\n".join(catalogue.names(self.offered)).encode())
        return Shown(
            words=strategy.describe(),
            interleavings=strategy.interleavings,
            met=f"{strategy.met}.{offered:08x}",
            leaks=strategy.leaks,
            seen=digests(self._seen()),
            searched=digests(self._searched),
        )

    def widen(self, record: Record, strategy: Strategy) -> None:
        """Offer switches at more places, if a run has shown more that matter."""
        if record.widened:
            self.offered |= record.widened
            strategy.widened()

    def offers(self, sites: set[int]) -> None:
        """Offer switches at these places, and no others."""
        self.offered = sites

    # -- further ones

    def grant(self, seconds: float) -> None:
        """Let runs go on for so long from now on, at least."""
        self.deadline = max(self.deadline, real.monotonic() + seconds)

    def limit(self) -> float:
        """Return until when further runs may be made: what is left for the search, and a little at least."""
        return max(self.deadline, real.monotonic() + FURTHER_SECONDS)

    def runs(self, strategy: Strategy, most: int, until: float) -> Further:
        """Run at most so many further schedules, of which none begins after that time."""
        return Further(self, strategy, most, until)

    # -- what users paste

    def token(self, marks: tuple[Mark, ...]) -> str:
        """Return what a schedule is replayed by."""
        return Schedule(self.scenario.owner, marks).encode()

    def command(self, token: str) -> str:
        """Return what a user pastes to replay it."""
        return self.scenario.command(token)


class Further:
    """Further runs, made while they are looked at, up to the first that is cut: those after it would be, too.

    Attributes:
        ended: Whether the strategy has no more to try.
    """

    def __init__(self, running: Running, strategy: Strategy, most: int, until: float) -> None:
        self.ended = False
        self._running = running
        self._strategy = strategy
        self._most = most
        self._until = until

    def __iter__(self) -> Iterator[Record]:
        strategy = self._strategy
        for _ in range(self._most):
            if real.monotonic() > self._until:
                return
            if not strategy.start_run():
                self.ended = True
                return
            record = self._running.once(strategy)
            strategy.end_run(cut=record.finding is not None)
            if record.refused is not None or record.ended_by("cut"):
                return
            yield record
            self._running.widen(record, strategy)
