"""Races that no schedule has made visible: seen in passing runs, made to happen, and told."""

from __future__ import annotations

import contextlib
import functools
import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import RaceFound
from pytest_concurrency._core.schedule import Where, where_digest
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.overtake import Overtake
from pytest_concurrency._core.telling.races import Race, RaceAccess, changed_outcome, lost_update, unordered
from pytest_concurrency._core.verdict import Grade, Verdict, schedules
from pytest_concurrency._engine import explain, naming
from pytest_concurrency._machine import real
from pytest_concurrency._oracles.oracle import Oracle, is_heard
from pytest_concurrency._oracles.race_feed import RaceListener
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.detectors.happens_before import Access, Overtaken, Pair
    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.listener import Listener
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.scripts.recorder import Recorder
    from pytest_concurrency._oracles.oracle import Asked, Explorer, Marks
    from pytest_concurrency._sight.site import Site
    from pytest_concurrency._sight.watching import Watch

DIRECTED_RUNS: Final = 80
SERIAL_RUNS: Final = 100
SECONDS: Final = 1.5  # for each of the two searches
MAX_ALARMS: Final = 5
MAX_NOTES: Final = 50

_Key = tuple[Any, Any, Any]


class Races(Oracle):
    """Hears of races in a sample of the search, and tries to show what they spoil."""

    name = "races"

    def __init__(self, plan: Asked, watch: Watch) -> None:
        super().__init__(plan, watch)
        self._hears = False
        self._hears_all = False
        self._follows = False
        self._listener: RaceListener | None = None
        self._closures = False
        self._pairs: dict[tuple[Any, Any], Race] = {}
        self._possible: dict[_Key, Overtaken] = {}
        self._lost: dict[_Key, tuple[list[int], set[int]]] = {}  # the choices of a run that shows it, where offered

    # -- what the exploration asks

    def prepare(self, number: int | None, *, replay: bool) -> bool:
        """Listen to a sample of the search, to replays and to what it tries itself.

        Functions of earlier runs must be gone: where the cell of a closure's variable is not known, it is told by who
        uses it.
        """
        self._closures = self._closures or (self._listener is not None and self._listener.closures)
        self._listener, self._follows = None, replay
        self._hears = self._hears_all or replay or (number is not None and is_heard(number))
        if self._hears and self._closures:
            gc.collect()
        return self._hears

    def listens(self, run: ListenedRun) -> Listener | None:
        """Return what hears of the synchronisation and the accesses of a run."""
        self._listener = RaceListener(run) if self._hears else None
        return self._listener

    @contextlib.contextmanager
    def hearing(self) -> Iterator[None]:
        """Listen to every run of the body."""
        self._hears_all = True
        try:
            yield
        finally:
            self._hears_all = False

    def heard(self, record: Record, offered: set[int]) -> None:
        """Take over what a run has shown; nothing orders what meets outside the engine's control."""
        feed = self._listener
        if feed is None or record.uncontrolled or record.finding is not None:
            return
        detector = feed.detector
        for key, pair in detector.pairs.items():
            if key not in self._pairs and key[::-1] not in self._pairs and len(self._pairs) < MAX_NOTES:
                self._pairs[key] = unordered(self._both(pair, feed))
        for triple, found in detector.overtaken.items():
            self._possible.setdefault(triple, found)
        for each in () if self._follows else feed.lost:  # a followed run switches where the search offers nothing
            self._lost.setdefault(_key(each), (list(record.choices), set(offered)))

    def after(self, explorer: Explorer, verdict: Verdict) -> Verdict:
        """Add races to a verdict that found no failure; they become its failure where they are to."""
        if explorer.uncontrolled:
            return verdict
        with self.hearing():
            if set(self._possible) - set(self._lost):
                self._chase(explorer)
            told = [self._alarm(explorer, key, *run) for key, run in list(self._lost.items())[:MAX_ALARMS]]
            if not any(told) and self._pairs and len(verdict.outcomes) > 1:
                told.append(self._strange(explorer))
        alarms = [each for each in told if each is not None]
        covered = {frozenset(access.place for access in race.accesses) for race, _ in alarms}
        notes = [
            race
            for race in self._pairs.values()
            if not any({access.place for access in race.accesses} <= places for places in covered)
        ]
        return self._judged(verdict, alarms, notes)

    def replayed(self, explorer: Explorer, record: Record, recorder: Recorder, marks: Marks) -> Verdict | None:
        """Tell a replay that shows a race again; None for one that does not."""
        feed = self._listener
        if feed is None or record.uncontrolled:
            return None
        if feed.lost:
            race: Race | None = self._told(feed.lost[0], feed, explorer.token(marks))
        else:
            race = self._decided(explorer, record, feed, marks, self._usual(explorer))
        if race is None:
            return None
        verdict = Verdict(Grade.SAMPLED, 1, "the replayed schedule shows a race")
        return self._judged(verdict, [(race, _report(explorer, race, record, recorder))], [])

    def _judged(self, verdict: Verdict, alarms: list[tuple[Race, Report]], notes: list[Race]) -> Verdict:
        races = (*(race for race, _ in alarms), *notes)
        if alarms and self.plan.races == "fail":
            race, report = alarms[0]
            reason = f"{race.headline} (after {schedules(verdict.schedules)})"
            return Verdict(
                Grade.FAILED, verdict.schedules, reason, RaceFound(report), race.replay, races, verdict.outcomes
            )
        return replace(verdict, races=races)

    # -- lost updates

    def _chase(self, explorer: Explorer) -> None:
        """Try to make the possible lost updates happen."""
        verbs = {_site(each.write).what for each in self._possible.values()}
        strategy = Overtake(self.plan.seed, verbs)
        for record in explorer.runs(strategy, DIRECTED_RUNS, real.monotonic() + SECONDS):
            if record.failed or set(self._possible) <= set(self._lost):
                return

    def _alarm(
        self, explorer: Explorer, key: _Key, choices: list[int], offered: set[int]
    ) -> tuple[Race, Report] | None:
        """Make the schedule of a lost update small, and tell it."""

        def shows(_record: Record) -> bool:
            return any(_key(each) == key for each in self._lost_now())

        found = explorer.smallest(choices, offered, shows)
        if found is None:
            return None
        record, recorder, marks = found
        lost = next(each for each in self._lost_now() if _key(each) == key)
        assert self._listener is not None
        race = self._told(lost, self._listener, explorer.token(marks))
        return race, _report(explorer, race, record, recorder)

    def _lost_now(self) -> list[Overtaken]:
        return [] if self._listener is None else self._listener.lost

    def _told(self, lost: Overtaken, feed: RaceListener, token: str) -> Race:
        read, other, write = (self._access(each, feed) for each in (lost.read, lost.other, lost.write))
        return lost_update((read, other, write), token)

    # -- outcomes that no order of whole tasks gives

    def _strange(self, explorer: Explorer) -> tuple[Race, Report] | None:
        """Find an outcome that needs an interruption at an unordered access."""
        usual = self._usual(explorer)
        for text, seen in explorer.outcomes.items():
            if not usual or text in usual:
                continue
            found = explorer.smallest(seen.choices, seen.offered, functools.partial(_returned, text))
            if found is None or self._listener is None:
                continue
            record, recorder, marks = found
            race = self._decided(explorer, record, self._listener, marks, usual)
            if race is not None:
                return race, _report(explorer, race, record, recorder)
        return None

    def _decided(
        self, explorer: Explorer, record: Record, feed: RaceListener, marks: Marks, usual: set[str]
    ) -> Race | None:
        """Tell of a run that returned something unusual because it was interrupted at an unordered access."""
        text = record.outcome
        if not usual or text in usual:
            return None
        left = {(each.task, each.digest) for each in marks}
        for pair in feed.detector.pairs.values():
            if any((each.task, _digest(each)) in left for each in (pair.first, pair.second)):
                return changed_outcome(self._both(pair, feed), text, tuple(sorted(usual)), explorer.token(marks))
        return None

    def _usual(self, explorer: Explorer) -> set[str]:
        """Return what comes out without interruptions; nothing where that could not be tried out."""
        found: set[str] = set()
        runs = explorer.runs(Dfs(0), SERIAL_RUNS, real.monotonic() + SECONDS)
        for record in runs:
            if record.failed or record.finding is not None:
                return set()
            found.add(record.outcome)
        return found if runs.ended else set()

    # -- telling

    def _both(self, pair: Pair, feed: RaceListener) -> tuple[RaceAccess, RaceAccess]:
        return self._access(pair.first, feed), self._access(pair.second, feed)

    def _access(self, access: Access, feed: RaceListener) -> RaceAccess:
        site = _site(access)
        locks = tuple(naming.describe(each)[0] for each in access.held)
        return RaceAccess(feed.names[access.task], site.told, stacks.place_of(site.code, site.line), locks)


def _report(explorer: Explorer, race: Race, record: Record, recorder: Recorder) -> Report:
    return explain.told(
        f"race: {race.headline}",
        tuple(map(str, race.accesses)),
        race.cause,
        recorder=recorder,
        relevant=record.shared,
        replay=explorer.command(race.replay),
    )


def _returned(text: str, record: Record) -> bool:
    return not record.failed and record.outcome == text


def _site(access: Access) -> Site:
    site: Any = access.site
    return site  # type: ignore[no-any-return] # _core knows no sites


def _key(found: Overtaken) -> _Key:
    return found.read.site, found.write.site, found.other.site


def _digest(access: Access) -> int:
    """Return what stands in a schedule for the place of an access."""
    site = _site(access)
    return where_digest(Where(stacks.short_name(site.code), site.line - site.code.co_firstlineno, site.what))
