"""One exploration for one test: its memory, its replay option, its captured output, and what is concluded."""

from __future__ import annotations

import warnings
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from pytest_concurrency._core import oracles as oracles_
from pytest_concurrency._core import schedule as schedules_
from pytest_concurrency._core.errors import ConcurrencyWarning, ReplayError
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._engine import explain
from pytest_concurrency._explore import replaying
from pytest_concurrency._explore.exploration import Exploration
from pytest_concurrency._explore.plan import Plan
from pytest_concurrency._plugin import memory, options, output, parted, progress
from pytest_concurrency._plugin import shown as shown_

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.parts import Shown
    from pytest_concurrency._core.strategies.border import Part
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._engine.stage import Stage
    from pytest_concurrency._plugin.options import Settings
    from pytest_concurrency._sight.watching import Watch


def explore_item(
    item: pytest.Item,
    scenario: Callable[[], Any],
    chosen: Settings,
    watch: Watch,
    *,
    owner: str,
    is_test: bool = False,
    before_run: Callable[[], None] = lambda: None,
    extras: dict[str, Any] | None = None,
    judge: Callable[[Record, Stage], Record] | None = None,
    is_one_of_many: bool = False,
) -> Verdict:
    """Explore for one test, with its memory, its replay option and its captured output.

    A scenario that is the whole test is tried twice at first. Of one of many explorations nothing is known from
    before, and nothing is concluded.
    """
    shown, watch, plan = output.Output(item), further(watch, chosen), _plan(item, chosen, owner, extras or {})
    told = progress.progress_of(item, plan)

    def clear() -> None:
        told.tick()
        shown.clear()
        before_run()

    exploration = Exploration(
        *(scenario, plan, watch),
        owner=owner,
        command=lambda token: memory.command(item, token),
        before_run=clear,
        judge=judge,
        passes=explain.passes_a_test,
        twice=is_test,
    )
    with shown, told:
        verdict = exploration.run() if is_one_of_many else _run(item, exploration, owner)
    if not is_one_of_many:
        conclude(item, verdict, chosen, owner, exploration.shown)
    return verdict


def conclude(item: pytest.Item, verdict: Verdict, chosen: Settings, owner: str, shown: Shown | None = None) -> None:
    """Remember a failure, note the verdict, and let it fail the test if it is weaker than is asked for.

    The verdict on a part is handed in, to be joined with those on the others.
    """
    part = parted.part_of(item)
    if part is not None and parted.is_stopped(verdict):
        raise pytest.skip.Exception(verdict.reason, _use_item_location=True)
    memory.remember(item, _remembered(owner, part), verdict.replay)
    if part is not None:
        parted.hand_in(item, owner, verdict, shown, notes=_notes(item, verdict), require=chosen.require)
    if part is None or verdict.error is not None:
        _note(item, verdict)
    _judge(item, verdict, chosen)


def _remembered(owner: str, part: Part | None) -> str:
    """Return by what a failure is remembered: each part tries first what it has found itself."""
    return owner if part is None else f"{owner} {part}"


def _run(item: pytest.Item, exploration: Exploration, owner: str) -> Verdict:
    """Explore, or replay what the option says; what failed the last time is tried first."""
    why = exploration.plan.ends()
    if why:
        return Verdict(Grade.UNFINISHED, 0, why)
    replay = replay_for(item, owner)
    try:
        kept = memory.recall(item, _remembered(owner, exploration.plan.part)) if replay is None else None
        return exploration.run(replay, kept)
    except explain.StateLeftError as error:
        raise shown_.Complaint(str(error), pytrace=False) from None


def further(watch: Watch, chosen: Settings) -> Watch:
    """Watch what the settings of one test name, and tell what they name for nothing."""
    if not chosen.watch:
        return watch
    watch = watch.further(chosen.watch)
    for line in watch.unmatched("watch"):
        warnings.warn(ConcurrencyWarning(line), stacklevel=3)
    return watch


def _plan(item: pytest.Item, chosen: Settings, owner: str, extras: dict[str, Any]) -> Plan:
    same = {each.name: getattr(chosen, each.name) for each in fields(Plan) if hasattr(chosen, each.name)}
    same["seconds"] = _below_timeout(item, chosen.seconds)
    draws = item.config.pluginmanager.has_plugin(options.PICTURES)
    part = parted.part_of(item)
    if part is not None:
        if isinstance(chosen.strategy, Strategy):
            raise pytest.UsageError(
                f"{owner}: shards must be 1 where the strategy is one of your own, which nobody can cut, got {part.of}"
            )
        same |= {"part": part, "ends": parted.ends(item, owner)}
    return Plan(**same, oracles=judged_by(chosen, extras), draws=draws)


def _note(item: pytest.Item, verdict: Verdict) -> None:
    """Keep for the end of the session, and for other plugins, what a verdict says."""
    item.user_properties.append(("concurrency", f"{verdict.grade}: {verdict.reason}"))
    item.user_properties += [("race-grade", str(verdict.grade)), ("race-schedules", str(verdict.schedules))]
    if verdict.replay:
        item.user_properties.append(("race-replay", memory.command(item, verdict.replay)))
    item.user_properties += [("concurrency", text) for text in _notes(item, verdict)]


def _notes(item: pytest.Item, verdict: Verdict) -> list[str]:
    """Return what a verdict tells beside: races, where it is about nothing else, and predictions."""
    alarms = [race for race in verdict.races if race.is_alarm and verdict.error is None]
    notes = [f"race: {race}\n  again: {memory.command(item, race.replay)}" for race in alarms]
    return notes + [f"deadlock {text}" for text in verdict.deadlocks]


def judged_by(chosen: Settings, extras: dict[str, Any]) -> oracles_.Oracles:
    """Return the oracles that the settings ask for."""
    return oracles_.oracles({name: getattr(chosen, name) for name in oracles_.NAMES} | extras)


def _judge(item: pytest.Item, verdict: Verdict, chosen: Settings) -> None:
    if verdict.grade is Grade.FAILED:
        return
    if "nothing was watched" in verdict.reason:
        warnings.warn(ConcurrencyWarning("nothing was watched: set concurrency_watch"), stacklevel=2)
    if parted.is_too_weak(verdict.grade, chosen.require):
        part = parted.part_of(item)
        on = "" if part is None else f" on part {part}"
        text = f"require={chosen.require}, but the verdict{on} is {verdict}"
        raise shown_.Complaint(text, pytrace=False)


def _below_timeout(item: pytest.Item, seconds: float | None) -> float | None:
    """Keep the budget below pytest-timeout's limit, so that the verdict comes first."""
    marker = item.get_closest_marker("timeout")
    limit = marker.args[0] if marker is not None and marker.args else None
    if limit is None and marker is not None:
        limit = marker.kwargs.get("timeout")
    for source in (item.config.getoption, item.config.getini):
        if not limit:
            try:
                limit = source("timeout")
            except (ValueError, KeyError):
                limit = None
    try:
        bound = float(limit) * 0.8 if limit else None
    except (TypeError, ValueError):
        bound = None
    if bound is None or bound <= 0:
        return seconds
    return min(bound, seconds or 10.0)


def replay_for(item: pytest.Item, owner: str) -> str | None:
    """Return the token that is to be replayed, if it is of this test.

    Raises:
        pytest.UsageError: It is of no test, or damaged.
    """
    given = item.config.getoption("race_replay")
    if given is None:
        return None
    token = replaying.given(given)
    try:
        schedules_.decode(token, owner)
    except ReplayError as error:
        if any(schedules_.belongs(token, f"{item.nodeid}#{n}") for n in range(2, 100)):
            return None  # for another call of explore in this test
        if owner != item.nodeid and schedules_.belongs(token, item.nodeid):
            return None
        raise pytest.UsageError(f"--race-replay: {error}") from None
    return token
