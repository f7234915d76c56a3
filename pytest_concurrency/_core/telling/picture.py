"""A failing exploration as values for JSON, which a page or a trace is drawn from: they pass between processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import Standing
from pytest_concurrency._core.telling.text import render_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_concurrency._core.telling.report import LaneStep, Report

MOST_STEPS: Final = 2000
"""Of a longer run the beginning and the end are drawn."""
BEGINNING: Final = MOST_STEPS // 4


def picture(test: str, report: Report) -> dict[str, Any]:
    """Return what is drawn of one failure.

    Args:
        test: The test's id.
        report: What was found in it.

    Returns:
        Texts, numbers and lists of them. A step's `task` is the number of a lane; its `after` says of each lane
        what it holds and waits for; `left_out` says how many steps were left out before the step `from`.
    """
    shown, left_out = _shown(len(report.lanes))
    steps = [report.lanes[number] for number in shown]
    lanes = _lanes(report.columns, steps)
    drawn = report.picture
    standings = [drawn.standings[number] for number in shown] if drawn is not None else [Standing()] * len(steps)
    places = {number: place for place, number in enumerate(shown)}
    return {
        "test": test,
        "headline": report.headline,
        "error": list(report.error),
        "tasks": [line.removeprefix("  ") for line in render_tasks(report.tasks)[2:]],
        "cause": report.cause,
        "replay": report.replay,
        "notes": list(report.notes),
        "lanes": lanes,
        "steps": [_step(step, after, lanes) for step, after in zip(steps, standings, strict=True)],
        "left_out": [BEGINNING, left_out] if left_out else [],
        "hand_overs": [
            [places[each.giver], places[each.taker], each.what]
            for each in (() if drawn is None else drawn.hand_overs)
            if {each.giver, each.taker} <= places.keys()
        ],
        "sources": [
            {"file": each.file, "lines": [list(line) for line in each.lines]}
            for each in (() if drawn is None else drawn.sources)
        ],
    }


def _shown(count: int) -> tuple[list[int], int]:
    """Return the numbers of the steps that are drawn, and how many are left out."""
    left_out = max(count - MOST_STEPS, 0)
    return [*range(min(BEGINNING, count)), *range(BEGINNING + left_out, count)], left_out


def _lanes(columns: tuple[str, ...], steps: Sequence[LaneStep]) -> list[str]:
    seen = dict.fromkeys(step.task for step in steps)
    return [name for name in columns if name in seen] or list(seen)


def _step(step: LaneStep, after: Standing, lanes: list[str]) -> dict[str, Any]:
    return {
        "task": lanes.index(step.task),
        "file": step.place.file if step.place.line else "",
        "line": step.place.line,
        "function": step.place.function,
        "source": step.place.source,
        "what": step.what,
        "value": step.value,
        "holds": list(_by_lane(after.holds, lanes)),
        "waits": list(_by_lane(after.waits, lanes)),
    }


def _by_lane(pairs: tuple[tuple[str, str], ...], lanes: list[str]) -> Iterator[list[Any]]:
    """Yield the number of a lane and what it has, or the name where it has no lane."""
    for name, thing in pairs:
        yield [lanes.index(name) if name in lanes else name, thing]
