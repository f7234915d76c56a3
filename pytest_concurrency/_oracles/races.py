"""Races that no schedule has made visible: seen in passing runs, made to happen, and told."""

from __future__ import annotations

import functools
import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import RaceFound
from pytest_concurrency._core.schedule import Schedule, Where, mark, where_digest
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.overtake import Overtake
from pytest_concurrency._core.strategies.replay import Positional
from pytest_concurrency._core.telling.races import Race, RaceAccess, changed_outcome, lost_update, unordered
from pytest_concurrency._core.telling.report import Report
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._machine import real
from pytest_concurrency._oracles.oracle import Hunt
from pytest_concurrency._oracles.race_feed import RaceFeed
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.detectors.happens_before import Access, Overtaken, Pair
    from pytest_concurrency._core.schedule import Mark
    from pytest_concurrency._engine.listened import ListenedRun
    from pytest_concurrency._engine.stage import Record
    from pytest_concurrency._sight.site import Site

DIRECTED_RUNS: Final = 80
SERIAL_RUNS: Final = 100
SECONDS: Final = 1.5  # for each of the two searches
MAX_ALARMS: Final = 5
MAX_NOTES: Final = 50

_Key = tuple[Any, Any, Any]


class RaceHunt(Hunt):
    """The race detector of one exploration."""

    def __init__(self, exploration: Any) -> None:
        super().__init__(exploration)
        self._feed: RaceFeed | None = None
        self._closures = False
        self._pairs: dict[tuple[Any, Any], Race] = {}
        self._possible: dict[_Key, Overtaken] = {}
        self._lost: dict[_Key, tuple[list[int], set[int]]] = {}  # the choices of a run that shows it, where offered

    # -- what the exploration asks

    def listeners(self, run: ListenedRun) -> list[Any]:
        """Make what listens to the next run."""
        self._feed = RaceFeed(run) if self.on else None
        return [] if self._feed is None else [self._feed]

    def prepare(self) -> None:
        """Let functions of earlier runs be gone: variables of closures are told apart by who uses them."""
        self._closures = self._closures or (self._feed is not None and self._feed.closures)
        self._feed = None
        if self.on and self._closures:
            gc.collect()

    def heard(self, record: Record) -> None:
        """Take over what a run has shown; nothing orders what meets outside the engine's control."""
        feed = self._feed
        if not self.on or feed is None or record.uncontrolled or record.finding is not None:
            return
        detector = feed.detector
        for key, pair in detector.pairs.items():
            if key not in self._pairs and key[::-1] not in self._pairs and len(self._pairs) < MAX_NOTES:
                self._pairs[key] = unordered(self._both(pair, feed))
        for triple, found in detector.overtaken.items():
            self._possible.setdefault(triple, found)
        for each in feed.lost:
            self._lost.setdefault(_key(each), (list(record.choices), set(self._exploration.offered)))

    def after(self, verdict: Verdict) -> Verdict:
        """Add races to a verdict that found no failure; they become its failure where they are to."""
        exploration = self._exploration
        if exploration.uncontrolled:
            return verdict
        with self.listening():
            if set(self._possible) - set(self._lost):
                self._chase()
            told = [self._alarm(key, *run) for key, run in list(self._lost.items())[:MAX_ALARMS]]
            if not any(told) and self._pairs and len(verdict.outcomes) > 1:
                told.append(self._strange(verdict))
        alarms = [each for each in told if each is not None]
        covered = {frozenset(access.place for access in race.accesses) for race, _ in alarms}
        notes = [
            race
            for race in self._pairs.values()
            if not any({access.place for access in race.accesses} <= places for places in covered)
        ]
        return self._judged(verdict, alarms, notes)

    def replayed(self, record: Record, recorder: Recorder, marks: tuple[Mark, ...]) -> Verdict | None:
        """Tell a replay that shows a race again; None for one that does not."""
        if self._feed is None or record.uncontrolled:
            return None
        if self._feed.lost:
            race: Race | None = self._told(self._feed.lost[0], self._feed, marks)
        else:
            race = self._decided(record, self._feed, marks, self._usual())
        if race is None:
            return None
        verdict = Verdict(Grade.SAMPLED, 1, "the replayed schedule shows a race")
        return self._judged(verdict, [(race, self._report(race, record, recorder))], [])

    def _judged(self, verdict: Verdict, alarms: list[tuple[Race, Report]], notes: list[Race]) -> Verdict:
        races = (*(race for race, _ in alarms), *notes)
        if alarms and self._exploration.plan.races == "fail":
            race, report = alarms[0]
            reason = f"{race.headline} (after {verdict.schedules} schedules)"
            return Verdict(
                Grade.FAILED, verdict.schedules, reason, RaceFound(report), race.replay, races, verdict.outcomes
            )
        return replace(verdict, races=races)

    # -- lost updates

    def _chase(self) -> None:
        """Try to make the possible lost updates happen."""
        exploration = self._exploration
        verbs = {_site(each.write).what for each in self._possible.values()}
        strategy = Overtake(exploration.plan.seed, verbs)
        deadline = real.monotonic() + SECONDS
        for _ in range(DIRECTED_RUNS):
            strategy.start_run()
            record = exploration._once(strategy)
            if record.failed or set(self._possible) <= set(self._lost) or real.monotonic() > deadline:
                return
            exploration.offered |= record.widened

    def _alarm(self, key: _Key, choices: list[int], offered: set[int]) -> tuple[Race, Report] | None:
        """Make the schedule of a lost update small, and tell it."""

        def shows(_record: Record) -> bool:
            return any(_key(each) == key for each in self._lost_now())

        found = self._smallest(choices, offered, shows)
        if found is None:
            return None
        record, recorder, marks = found
        lost = next(each for each in self._lost_now() if _key(each) == key)
        assert self._feed is not None
        race = self._told(lost, self._feed, marks)
        return race, self._report(race, record, recorder)

    def _lost_now(self) -> list[Overtaken]:
        return [] if self._feed is None else self._feed.lost

    def _told(self, lost: Overtaken, feed: RaceFeed, marks: tuple[Mark, ...]) -> Race:
        read, other, write = (self._access(each, feed) for each in (lost.read, lost.other, lost.write))
        return lost_update((read, other, write), Schedule(self._exploration.owner, marks).encode())

    # -- outcomes that no order of whole tasks gives

    def _strange(self, verdict: Verdict) -> tuple[Race, Report] | None:
        """Find an outcome that needs an interruption at an unordered access."""
        exploration = self._exploration
        usual = self._usual()
        for text, seen in exploration.outcomes.items():
            if not usual or text in usual:
                continue
            found = self._smallest(seen.choices, seen.offered, functools.partial(_returned, text))
            if found is None or self._feed is None:
                continue
            record, recorder, marks = found
            race = self._decided(record, self._feed, marks, usual)
            if race is not None:
                return race, self._report(race, record, recorder)
        return None

    def _decided(self, record: Record, feed: RaceFeed, marks: tuple[Mark, ...], usual: set[str]) -> Race | None:
        """Tell of a run that returned something unusual because it was interrupted at an unordered access."""
        text = repr(record.value)
        if not usual or text in usual:
            return None
        left = {(each.task, each.digest) for each in marks}
        for pair in feed.detector.pairs.values():
            if any((each.task, _digest(each)) in left for each in (pair.first, pair.second)):
                token = Schedule(self._exploration.owner, marks).encode()
                return changed_outcome(self._both(pair, feed), text, tuple(sorted(usual)), token)
        return None

    def _usual(self) -> set[str]:
        """Return what comes out without interruptions; nothing where that could not be tried out."""
        exploration, strategy = self._exploration, Dfs(0)
        deadline, found = real.monotonic() + SECONDS, set[str]()
        for _ in range(SERIAL_RUNS):
            if real.monotonic() > deadline:
                return set()
            if not strategy.start_run():
                return found
            record = exploration._once(strategy)
            strategy.end_run(cut=record.finding is not None)
            if record.failed or record.finding is not None:
                return set()
            found.add(repr(record.value))
            if record.widened:
                exploration.offered |= record.widened
                strategy.widened()
        return set()

    # -- telling

    def _smallest(
        self, choices: list[int], offered: set[int], shows: Callable[[Record], bool]
    ) -> tuple[Record, Recorder, tuple[Mark, ...]] | None:
        """Return a run that shows it with as few switches as can be; None where it does not come again."""
        exploration = self._exploration
        recorder = Recorder(exploration.watch)
        record = exploration._once(Positional(choices), recorder, offered)
        if not shows(record):
            return None
        marks = exploration._shrunk(tuple(map(mark, recorder.switches)), shows)
        record, recorder = exploration._follow(marks)
        return (record, recorder, marks) if shows(record) else None

    def _report(self, race: Race, record: Record, recorder: Recorder) -> Report:
        return Report(
            headline=f"race: {race.headline}",
            error=tuple(map(str, race.accesses)),
            columns=recorder.columns,
            lanes=recorder.told(record.shared),
            replay=self._exploration.command(race.replay),
            cause=race.cause,
        )

    def _both(self, pair: Pair, feed: RaceFeed) -> tuple[RaceAccess, RaceAccess]:
        return self._access(pair.first, feed), self._access(pair.second, feed)

    def _access(self, access: Access, feed: RaceFeed) -> RaceAccess:
        site = _site(access)
        locks = tuple(naming.describe(each)[0] for each in access.held)
        return RaceAccess(feed.names[access.task], site.what, stacks.place_of(site.code, site.line), locks)


def _returned(text: str, record: Record) -> bool:
    return not record.failed and repr(record.value) == text


def _site(access: Access) -> Site:
    site: Any = access.site
    return site  # type: ignore[no-any-return] # _core knows no sites


def _key(found: Overtaken) -> _Key:
    return found.read.site, found.write.site, found.other.site


def _digest(access: Access) -> int:
    """Return what stands in a schedule for the place of an access."""
    site = _site(access)
    return where_digest(Where(stacks.short_name(site.code), site.line - site.code.co_firstlineno, site.what))
