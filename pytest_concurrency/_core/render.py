"""A report as lines of text, readable at 80 columns; equal reports give equal text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_concurrency._core.report import LaneStep, Report, TaskState

WIDTH: Final = 80
LONG_TURN: Final = 8
MAX_TURNS: Final = 40
NAME: Final = 10


def render_report(report: Report) -> list[str]:
    """Return what happened, the evidence, how to see it again, and the likely cause."""
    lines = [report.headline]
    lines += [f"  {line}" for line in report.error]
    lines += _tasks(report.tasks)
    lines += _lanes(report.lanes)
    lines += [f"  note: {note}" for note in report.notes]
    if report.replay:
        lines += ["", "replay", f"  {report.replay}"]
    if report.cause:
        lines += ["", "likely cause", *_wrapped(report.cause)]
    return lines


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _tasks(tasks: tuple[TaskState, ...]) -> list[str]:
    if not tasks:
        return []
    width = max(len(task.name) for task in tasks)
    return ["", "tasks", *[f"  {task.name:<{width}}  {line}" for task in tasks for line in _task(task)]]


def _task(task: TaskState) -> Iterator[str]:
    waiting = task.waiting
    if waiting is None:
        yield task.state if task.place is None else f"{task.state} at {task.place}: {task.place.source}"
        return
    target = f" on {waiting.target}" if waiting.target else ""
    yield f"waits in {waiting.action}{target} at {task.place}: {task.place.source if task.place else ''}"
    details = []
    if waiting.holders:
        details.append(f"held by {', '.join(waiting.holders)}")
    if waiting.made is not None:
        details.append(f"made at {waiting.made}")
    if details:
        yield "  " + ", ".join(details)


def _lanes(lanes: tuple[LaneStep, ...]) -> list[str]:
    if not lanes:
        return []
    names = list(dict.fromkeys(step.task for step in lanes))
    turns = [(name, list(steps)) for name, steps in groupby(lanes, key=lambda step: step.task)]
    lines = ["", "interleaving (* runs)", "  " + " ".join(f"{_short(name):<{_column(name)}}" for name in names)]
    shown = turns if len(turns) <= MAX_TURNS else turns[: MAX_TURNS // 4] + turns[-3 * MAX_TURNS // 4 :]
    for number, (name, steps) in enumerate(shown):
        if len(turns) > MAX_TURNS and number == MAX_TURNS // 4:
            lines.append(f"  ... {len(turns) - len(shown)} turns left out ...")
        marks = " ".join(f"{'*' if each == name else '.':<{_column(each)}}" for each in names)
        lines += [f"  {marks} {text}".rstrip() for text in _turn(steps)]
    return lines


def _short(name: str) -> str:
    return name if len(name) <= NAME else name[: NAME - 1] + "~"


def _column(name: str) -> int:
    return len(_short(name))


def _turn(steps: list[LaneStep]) -> Iterator[str]:
    """Yield a line for each source line that a task went through in one turn."""
    rows = []
    for place, group in groupby(steps, key=lambda step: step.place):
        did = [f"{step.what} = {step.value}" if step.value else step.what for step in group]
        rows.append((place, did))
    keep = LONG_TURN // 2
    for number, (place, did) in enumerate(rows):
        if len(rows) > LONG_TURN and keep <= number < len(rows) - keep:
            if number == keep:
                yield f"... {len(rows) - 2 * keep} more lines ..."
            continue
        told = ", ".join(did if len(did) <= 4 else [*did[:3], f"... {len(did) - 4} more", did[-1]])
        if place.line:
            yield f"{place.file.rpartition('/')[2]}:{place.line}  {place.source}   [{told}]"
        else:
            yield f"[{told}]"
