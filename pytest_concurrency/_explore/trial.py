"""A few orders of something that passes plainly: what fails in one of them, and does not fail by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.schedule import decode
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.strategies.sampling import Sampling
from pytest_concurrency._core.verdict import Grade
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.record import FOREVER
from pytest_concurrency._explore import replaying
from pytest_concurrency._explore.exploration import Exploration, Search
from pytest_concurrency._explore.running import FURTHER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.verdict import Verdict
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.investigation import Investigation

OTHERS: Final = 10  # orders that are tried where the usual one fails, to find one that passes
OUTSIDE: Final = 3  # schedules in which somebody waited outside the engine's control are enough
ROUNDS: Final = (
    False,
    False,
    True,
    True,
    False,
    True,
)  # whether it is to fail; what alternates cannot follow


class Trial(Exploration):
    """Explores what has passed plainly; a failure that may have another cause than its order is a doubt.

    Nothing is told of what waited outside the engine's control, what fails in every order, what fails once
    and not again, and what fails in the order that has passed before.

    Attributes:
        remembered: Token of a failure to try first, or None.
        schedules: How many schedules were tried.
        place: Where something waited outside the engine's control; "" where nothing did.
        doubt: Why a failure that was seen is none to tell; "" where it is one, and where there is none.
    """

    remembered: str | None = None
    schedules = 0
    place = ""
    doubt = ""
    _other: Callable[[], Record] | None = None  # runs an order that passes, once one is known

    def tries_first(self, token: str | None) -> None:
        """Try this before anything else, if it is there: it has failed in an earlier session."""
        self.remembered = token

    def search(self, explorer: Investigation) -> Verdict:
        """Try what failed the last time, then other schedules, and doubt what fails."""
        verdict = None if self.remembered is None else replaying.remembered(explorer, self.remembered)
        verdict = verdict or self._searched(explorer)
        self.schedules = max(explorer.count, 1)
        if verdict.error is not None and not self.place and not self.doubt:
            with explorer.state_kept():
                self.doubt = self._doubt(explorer, verdict)
        elif verdict.grade is Grade.UNCONTROLLED:
            self.place = _place(explorer.uncontrolled[0])
        return verdict

    def _searched(self, explorer: Investigation) -> Verdict:
        search = _Search(explorer, twice=False)
        try:
            search.run()
        except NotDeterministicError as error:
            return search.passed(Grade.UNFINISHED, str(error))
        if search.failed is None:
            return search.graded()
        record = search.failed[0]
        if record.uncontrolled:
            self.place = _place(record.uncontrolled[0])
            return search.graded()
        if record.ended_by(FOREVER):  # which is told by the clock
            self.place = explain.headline_of(record)
            return search.passed(Grade.UNFINISHED, self.place)
        if not search.has_passed:
            self._other = self._sampled(explorer)
            if self._other is None:  # to make it small would take long, for nothing
                self.doubt = f"it fails under control in each order that was tried: {explain.headline_of(record)}"
                return search.passed(Grade.UNFINISHED, self.doubt)
        return explorer.investigate(*search.failed, has_passed=search.has_passed)

    def _doubt(self, explorer: Investigation, verdict: Verdict) -> str:
        """Say why a failure may not come from its order; "" where it does."""
        assert verdict.error is not None
        headline = verdict.error.report.headline
        if not verdict.replay:
            return f"it failed once and not again: {headline}"
        marks = decode(verdict.replay, explorer.scenario.owner).marks
        passes = self._other or self._usual(explorer) or self._sampled(explorer)
        if passes is None:
            return f"it fails under control in each order that was tried: {headline}"
        wanted = None
        for is_to_fail in ROUNDS:
            record = self._run(explorer, (lambda: explorer.follow(marks)[0]) if is_to_fail else passes)
            if not is_to_fail and not _passes(record):
                return f"an order that has passed fails afterwards: {headline}"
            if is_to_fail:
                again = explain.signature(record, self.watch)
                wanted = wanted or again
                if again is None or again != wanted:
                    return f"the same order fails, and then does not: {headline}"
        return ""

    def _usual(self, explorer: Investigation) -> Callable[[], Record] | None:
        """Return what runs the usual order, if that passes."""
        passes = _passes(self._run(explorer, lambda: explorer.follow(())[0]))
        return (lambda: explorer.follow(())[0]) if passes else None

    def _sampled(self, explorer: Investigation) -> Callable[[], Record] | None:
        """Return what runs another order that passes, if one is found."""
        for record in explorer.runs(Sampling(self.plan.seed), OTHERS, explorer.deadline):
            if _passes(record):
                choices, offered = list(record.choices), set(explorer.offered)
                return lambda: explorer.once(Positional(choices), offered=offered)
        return None

    def _run(self, explorer: Investigation, run: Callable[[], Record]) -> Record:
        """Run one schedule from the state that the first has found."""
        explorer.grant(FURTHER_SECONDS)
        explorer.state.give_back()
        record = run()
        if record.uncontrolled and not self.place:
            self.place = _place(record.uncontrolled[0])
        return record


class _Search(Search):
    """Goes on no longer where it gets nowhere: what waits outside the engine's control will do so again."""

    def _note(self, record: Record) -> None:
        super()._note(record)
        if len(self._explorer.uncontrolled) >= OUTSIDE:
            self._cut = "the others would wait outside the engine's control, too"


def _passes(record: Record) -> bool:
    return not record.failed and record.finding is None


def _place(waited: tuple[str, str]) -> str:
    name, place = waited
    return place or f"{name}, which is not under control"
