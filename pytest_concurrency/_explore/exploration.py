"""The loop: run the scenario schedule by schedule, stop at a bug, and grade what was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.schedule import mark
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategy import Redundant, Strategy
from pytest_concurrency._core.verdict import Grade, Outcome, Verdict, schedules
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._explore import doubts, replaying
from pytest_concurrency._explore.asynchronous import as_plain, refuse_running_loop
from pytest_concurrency._explore.investigation import Investigation
from pytest_concurrency._explore.judging import Judges
from pytest_concurrency._explore.plan import DEFAULT_SECONDS
from pytest_concurrency._explore.running import Scenario
from pytest_concurrency._explore.strangers import Strangers
from pytest_concurrency._explore.surviving import surviving
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_concurrency._core.parts import Shown
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.plan import Plan
    from pytest_concurrency._sight.watching import Watch


_CONTRADICTION: Final = (
    "internal error: {wrong}; either the outcome depends on more than who goes first (an id, the real time, random "
    "numbers), or this is a bug in pytest-concurrency: please report it, with the scenario"
)


class Exploration:
    """One exploration of one scenario.

    Args:
        scenario: Called once per schedule.
        plan: What to do.
        watch: Whose code offers switches.
        owner: What replays are bound to: a test's id, or the scenario's name.
        command: Turns a replay token into the line a user pastes.
        before_run: Called before every run (clears captured output).
        judge: Looks at the record of each run; see `Scenario`.
        passes: Tells what goes to who explores; see `Scenario`.
        twice: Whether to run the first schedule twice, to see whether the scenario leaves state behind.
        patience: Seconds that a task may compute without a yield point; half of those of the plan unless given.

    Attributes:
        shown: What a part has shown, when it has come to its end.
    """

    shown: Shown | None = None

    def __init__(
        self,
        scenario: Callable[[], Any],
        plan: Plan,
        watch: Watch,
        *,
        owner: str,
        command: Callable[[str], str],
        before_run: Callable[[], None] = lambda: None,
        judge: Callable[[Record, Stage], Record] | None = None,
        passes: Callable[[BaseException], bool] = explain.passes_through,
        twice: bool = False,
        patience: float | None = None,
    ) -> None:
        self.scenario = Scenario(
            function=as_plain(scenario),
            owner=owner,
            command=command,
            before_run=before_run,
            judge=judge,
            passes=passes,
        )
        self.plan = plan
        self.watch = watch
        self.twice = twice
        self.patience = (plan.seconds or DEFAULT_SECONDS) / 2 if patience is None else patience

    def run(self, replay: str | None = None, first: str | None = None) -> Verdict:
        """Explore, or replay one schedule; `first` is a remembered failure to try before."""
        if here.task is not None:
            raise RuntimeError(
                f"explore must be called outside a controlled run, got a call from task {here.task.name!r}"
            )
        refuse_running_loop("explore")
        judges, strangers = Judges(self.plan, self.watch), Strangers(self.watch)
        with (
            Stage(
                self.watch,
                kinds.staged(),
                time=self.plan.clock,
                order=self.plan.order,
                patience=self.patience,
                strangers=strangers,
            ) as stage,
            judges.present(),
        ):
            explorer = Investigation(self.scenario, self.plan, self.watch, judges, stage, strangers)
            if replay is not None:
                return replaying.replay(explorer, replay)
            verdict = None if first is None else replaying.remembered(explorer, first)
            return self.search(explorer) if verdict is None else verdict

    def search(self, explorer: Investigation) -> Verdict:
        """Try schedules, and let the oracles judge them if none fails."""
        search = Search(explorer, twice=self.twice)
        try:
            search.run()
            if search.proves_too_much():
                search = _proof(explorer)
            if self.plan.part is not None:
                self.shown = search.shown()
        except NotDeterministicError as error:
            if explorer.uncontrolled:
                return search.graded()
            return search.passed(Grade.UNFINISHED, str(error))
        failed = search.failed
        if failed is None and search.doubts:
            failed = doubts.failing(explorer)
        if failed is not None:
            return explorer.investigate(*failed, has_passed=search.has_passed)
        return explorer.judges.after(explorer, search.graded())


def _line(at: tuple[str, int]) -> str:
    file, line = at
    return f"{stacks.shorten(file)}:{line}: {stacks.line_text(file, line)}"


def _proof(explorer: Investigation) -> Search:
    """Search once more, each schedule from the state that the first has found; what was left stays as it is."""
    left, changed = explorer.state.now(), explorer.state.changed()
    explorer.forget()
    proof = Search(explorer, twice=False, gives_back=True)
    proof.run()
    if proof.failed is not None and proof.failed[1] == 1:  # it had passed: a file, for one, is not given back
        left.give_back()
        explorer.forget()
        proof = Search(explorer, twice=False, left=changed)
        proof.run()
    elif proof.failed is None:
        left.give_back()
    return proof


class Search:
    """Schedule after schedule, as the strategy of the plan says.

    Attributes:
        failed: The first run that failed, which schedule it was, and where it could switch.
        has_passed: Whether a run has passed before it that went without a switch that a schedule records.
    """

    def __init__(
        self, explorer: Investigation, *, twice: bool, gives_back: bool = False, left: Sequence[str] = ()
    ) -> None:
        plan = explorer.plan
        self.failed: tuple[Record, int, set[int]] | None = None
        self.has_passed = False
        self._explorer = explorer
        self._twice = twice
        self._strategy = plan.made()
        self._cut = ""  # why it ended before the budget of schedules
        self._ended = False  # by the strategy itself
        self._opaque = explorer.state.calls_unseen
        self._opaque_at: tuple[str, int] | None = None
        self._in_turns = False
        self._in_turns_at: tuple[str, int] | None = None
        self._doubted = False
        self._asks_at: tuple[str, int] | None = None
        self._met: dict[int, tuple[str, int]] = {}
        self._gives_back = gives_back  # the state that the first schedule has found, before each
        self._has_changed = False  # what the first schedule changes, though it goes the same when it is run again
        self._left = list(left)  # names of state that the first schedule has left to the others

    def run(self) -> None:
        """Try schedules until one fails, the strategy has no more, or the budget is used up.

        Raises:
            NotDeterministicError: Equal choices have led to different operations.
        """
        explorer, plan = self._explorer, self._explorer.plan
        while explorer.tried < plan.most and not self._cut:
            if not self._strategy.start_run():
                self._ended = True
                return
            record = self._next()
            if record.failed and self.failed is None:
                self.failed = (record, explorer.tried, set(explorer.offered))
                if plan.stop_on_failure:
                    return
            self._note(record)

    def _next(self) -> Record:
        """Run one schedule, with the checks that belong to every one."""
        if self._gives_back:
            self._explorer.state.give_back()
            self._left = self._left or (self._explorer.state.changed() if self._explorer.count == 1 else [])
        record = self._explorer.next(self._strategy)
        if record.refused is not None and not isinstance(record.refused, Redundant):
            raise record.refused
        self._strategy.end_run(cut=record.finding is not None)
        if self._explorer.count == 1 and self._twice and not record.failed:
            again = self._run_again(record)
            if again.failed:
                self._explorer.counts(again)
                return again
        if self._explorer.count == 1 and not (record.failed or record.finding is not None or self._gives_back):
            left, again = surviving(self._explorer, record)
            self._left = self._left or left
            if again is not record:  # a schedule like any other, of which nothing is taken back
                self._explorer.counts(again)
                if again.failed:
                    return again
                self._note(again)
            changed = [] if self._left else self._explorer.state.changed()
            self._has_changed = bool(changed)
            if isinstance(self._explorer.plan.strategy, Strategy):
                self._left = self._left or changed  # it cannot begin anew, to prove without them
        return record

    def _note(self, record: Record) -> None:
        if self.failed is None and record.usual and record.finding is None:
            self.has_passed = True
        self._opaque = self._opaque or record.opaque
        self._opaque_at = self._opaque_at or record.opaque_at
        self._in_turns = self._in_turns or record.in_turns
        self._in_turns_at = self._in_turns_at or record.in_turns_at
        self._doubted = self._doubted or record.doubted
        self._asks_at = self._asks_at or record.asks_at
        self._met |= record.met
        if record.finding is not None and record.finding.kind == "cut":
            self._cut = str(record.finding.detail)
        self._explorer.note(record, self._strategy)
        if real.monotonic() > self._explorer.deadline:
            self._cut = self._cut or f"{self._explorer.plan.seconds or DEFAULT_SECONDS:g} s were used up"
        self._cut = self._cut or self._explorer.plan.ends()

    def _run_again(self, record: Record) -> Record:
        """Run the first schedule again, to see whether the test leaves state behind.

        What is outside our control may go differently of itself: that says nothing of state.
        """
        again = self._explorer.once(Positional(list(record.choices)))
        self._explorer.was_outside(again)
        if not again.uncontrolled and (again.failed or again.refused is not None) and not record.uncontrolled:
            problem = explain.headline_of(again) if again.failed else "it did other things"
            raise explain.StateLeftError(
                f"the test leaves state behind: the same schedule, run twice, differed ({problem})"
            )
        return again

    def proves_too_much(self) -> bool:
        """Tell whether it would prove what schedules show of which each began with what others had left.

        What a scenario makes anew every time does no harm, nor does a list in which it only notes something; but
        that cannot be told from what only the first schedule could show.
        """
        explorer = self._explorer
        doubts = explorer.uncontrolled or self._cut or self._opaque or self._left or explorer.limited
        doubts = doubts or explorer.judges.doubt
        return self._has_changed and self._has_all and not (self.failed or doubts)

    @property
    def doubts(self) -> bool:
        """Whether it has come to its end, and met calls of which it is known in part what they touch."""
        part = self._explorer.plan.part
        is_over = not self._cut and not self._explorer.uncontrolled and (part is None or part.number == 0)
        return self._doubted and is_over

    @property
    def _has_all(self) -> bool:
        """Whether it has tried all schedules that can differ."""
        return self._ended and self._strategy.exhaustive

    # -- without a failure

    def graded(self) -> Verdict:
        """Grade a search that found no failure."""
        explorer, strategy = self._explorer, self._strategy
        count, exhausted = explorer.tried, self._has_all
        if explorer.uncontrolled:
            name, place = explorer.uncontrolled[0]
            return self.passed(Grade.UNCONTROLLED, f"{name} waited outside the engine's control: {place}")
        if not explorer.stage.saw_watched and (self._opaque or explorer.scenario.judge is None):
            return self.passed(Grade.SAMPLED, f"{schedules(count)}; nothing was watched: set concurrency_watch")
        if self._cut:
            return self.passed(Grade.UNFINISHED, f"{self._cut}, after {schedules(count)}")
        if self._left:
            left = ", ".join(self._left[:3])
            return self.passed(Grade.SAMPLED, f"{schedules(count)}, but no proof: {left} survived the first of them")
        if exhausted and (theirs := [*explorer.state.others_may_change(), *explorer.strangers.may_bind()]):
            why = f"a thread that was there before may change {', '.join(theirs[:3])}"
            return self.passed(Grade.SAMPLED, f"{schedules(count)}, but no proof: {why}")
        if exhausted and not self._opaque and (at := self._asks_at or explorer.strangers.may_change(self._met)):
            why = f"{explorer.strangers.company}, which was there before, may change what this asks for"
            return self.passed(Grade.SAMPLED, f"{schedules(count)}, but no proof: {why}: {_line(at)}")
        if exhausted and not self._opaque and (wrong := explorer.contradiction(strategy)):
            return self.passed(Grade.UNFINISHED, _CONTRADICTION.format(wrong=wrong))
        if exhausted and not (self._opaque or explorer.limited or explorer.judges.doubt):
            return self.passed(Grade.PROVED, f"{strategy.describe()}, in {schedules(count)}")
        ended = f"; {strategy.describe()}" if self._ended and not strategy.exhaustive else ""
        if exhausted:
            ended = f", all that are known to differ, but no proof: {self._why_no_proof()}"
        return self.passed(Grade.SAMPLED, f"{schedules(count)}{ended}")

    def _why_no_proof(self) -> str:
        if self._opaque_at is not None:
            return f"not all that this does to shared state can be seen: {_line(self._opaque_at)}"
        if self._in_turns:
            where = f": {_line(self._in_turns_at)}" if self._in_turns_at is not None else ""
            return f"a task asks again and again and gets nowhere, and then all take turns in one order{where}"
        if self._opaque:
            return "what some call does to shared state cannot be seen"
        if self._explorer.judges.doubt:
            return self._explorer.judges.doubt
        file, line = min(self._explorer.limited)
        wait = (
            f"the wait at {stacks.shorten(file)}:{line}" if line else "a wait"
        )  # of a call that no line of theirs makes
        return f"{wait} was over before its time-out in every one of them"

    def passed(self, grade: Grade, reason: str) -> Verdict:
        """Return a verdict with what the scenario has returned, and a schedule for each of that."""
        explorer = self._explorer
        outcomes = {}
        for text, seen in explorer.outcomes.items():
            switches = [] if seen.usual else explorer.lanes(seen.choices, seen.offered).switches
            outcomes[text] = Outcome(seen.count, explorer.token(tuple(map(mark, switches))))
        return Verdict(grade, explorer.tried, reason, outcomes=outcomes)

    def shown(self) -> Shown:
        """Return what is to be joined with what other parts show."""
        return self._explorer.shown(self._strategy)
