"""A report as lines of text, readable at 80 columns or fewer; equal reports give equal text."""

from __future__ import annotations

import re
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.telling.folding import Folding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.telling.report import LaneStep, Place, Report, TaskState

WIDTH: Final = 80
MANY_STEPS: Final = 4
NAME: Final = 10
_METHOD: Final = re.compile(r"^(Fork|ForkServer|Spawn)(?=Process-)")
ROOM: Final = 30
"""Columns beside those of the tasks; where their names leave less, the tasks have numbers."""
SOURCE: Final = 40
"""Columns that a line of source has at least then."""
LEAST: Final = 20
"""Columns of a line of source before which the name of its file is cut."""


def render_report(report: Report, width: int = WIDTH, *, hint: str = "", whole: bool = False) -> list[str]:
    """Return what happened, the evidence, how to see it again, and the likely cause.

    Args:
        report: What is told.
        width: Columns; lines are no longer, but for the headline, the error and the command, which stay whole.
        hint: How to see the lines that are left out of the interleaving; "" where nobody can ask for them.
        whole: Whether none is.
    """
    lines = [report.headline]
    lines += [f"  {line}" for line in report.error]
    lines += render_tasks(report.tasks, width)
    lines += render_lanes(report.lanes, report.columns, width, Folding(report, hint=hint, whole=whole))
    lines += [line for note in report.notes for line in _wrapped(f"note: {note}", width)]
    if report.replay:
        lines += ["", "replay", f"  {report.replay}"]
    if report.cause:
        lines += ["", "likely cause", *_wrapped(report.cause, width)]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ")


def render_tasks(tasks: tuple[TaskState, ...], width: int = WIDTH) -> list[str]:
    """Return how each task stands, below a heading."""
    if not tasks:
        return []
    names = max(len(task.name) for task in tasks)
    lines = ["", "tasks"]
    for task in tasks:
        first, *more = _task(task, width - names - 6)
        lines.append(f"  {task.name:<{names}}  {first}")
        lines += [f"  {'':<{names}}    {line}" for line in more]
    return lines


def _task(task: TaskState, room: int) -> Iterator[str]:
    waiting = task.waiting
    if waiting is None:
        yield task.state if task.place is None else f"{task.state} at {task.place}"
    else:
        target = f" on {waiting.target}" if waiting.target else ""
        yield f"waits in {waiting.action}{target}"
        if waiting.holders:
            yield f"held by {', '.join(waiting.holders)}"
    taken = None if waiting is None else waiting.taken
    for word, place in (("taken at", taken), ("at", task.place), ("in", task.inside)):
        if place is not None and place.line:
            where = f"{word} {place}  "
            left = max(room - len(where), 20)
            yield where + (place.source if len(place.source) <= left else place.source[: left - 3] + "...")
    for caller in task.stack:
        line = f"from {caller}  {caller.source}"
        yield line if len(line) <= max(room, 30) else line[: max(room, 30) - 3] + "..."
    if waiting is not None and waiting.made is not None:
        yield f"made at {waiting.made}"


def render_lanes(
    lanes: tuple[LaneStep, ...], columns: tuple[str, ...], width: int = WIDTH, folding: Folding | None = None
) -> list[str]:
    """Return the interleaving, one column for each task."""
    if not lanes:
        return []
    folding = folding or Folding()
    seen = {step.task for step in lanes}
    names = [name for name in columns if name in seen] or list(dict.fromkeys(step.task for step in lanes))
    turns = [(name, list(steps)) for name, steps in groupby(lanes, key=lambda step: step.task)]
    heads, legend, least = _heads(names, width)
    lines = ["", "interleaving", *legend, "  " + " ".join(heads[name] for name in names).rstrip()]
    for number in folding.turns([name for name, _ in turns]):
        if number < 0:
            lines.append(f"  {folding.left_out(-number, 'turns left out')}")
            continue
        name, steps = turns[number]
        marks = " ".join(f"{'*' if each == name else '.':<{len(heads[each])}}" for each in names)
        lines += [f"  {marks}  {text}".rstrip() for text in _turn(steps, width - len(marks) - 4, least, folding)]
    return lines


def _heads(names: list[str], width: int) -> tuple[dict[str, str], list[str], int]:
    """Return the heading of each column, lines that say what it means, and what source lines are to have at least.

    Where the names would leave no room for the source there are numbers instead.
    """
    heads = {name: f"{_short(name):<{_column(name)}}" for name in names}
    if width - sum(len(head) + 1 for head in heads.values()) - 3 >= ROOM:
        return heads, [], 0
    numbers = {name: str(number) for number, name in enumerate(names, start=1)}
    legend = ", ".join(f"{number}\u00a0{name}".replace(" ", "\u00a0") for name, number in numbers.items())
    return numbers, [line.replace("\u00a0", " ") for line in _wrapped(legend, width)], SOURCE


def _short(name: str) -> str:
    """Return a column's heading: the number of `Thread-1 (work)` matters more than its target, or its start method."""
    name = _METHOD.sub("", name.partition(" (")[0])
    return name if len(name) <= NAME else name[: NAME - 1] + "~"


def _column(name: str) -> int:
    return len(_short(name))


def _turn(steps: list[LaneStep], width: int, least: int, folding: Folding) -> Iterator[str]:
    """Yield the source lines that a task went through in one turn, each `least` columns long, and what it did there."""
    rows = [(place, list(_counted(group))) for place, group in groupby(steps, key=lambda step: step.place)]
    for number in folding.rows([place for place, _ in rows]):
        if number < 0:
            yield folding.left_out(-number, "more lines")
            continue
        place, did = rows[number]
        is_short = folding.whole or len(did) <= MANY_STEPS + 1
        told = ", ".join(did if is_short else [*did[: MANY_STEPS - 1], f"... {len(did) - MANY_STEPS} more", did[-1]])
        if not place.line:
            yield told
            continue
        where = _where(place, max(width, least))
        line, most = where + place.source, max(width, len(where) + least)
        yield line if len(line) <= most else line[: most - 3] + "..."
        yield from textwrap.wrap(told, max(width, 30), initial_indent="    ", subsequent_indent="    ")


def _where(place: Place, width: int) -> str:
    """Return the file and the line, of a long name the end, so that the line and something of its source are seen."""
    name, line = place.file.rpartition("/")[2], f":{place.line}  "
    most = max(width - len(line) - LEAST, NAME)
    return (name if len(name) <= most else f"~{name[1 - most :]}") + line


def _counted(group: Iterator[LaneStep]) -> Iterator[str]:
    """Yield what was done, equal steps in a row once with their number."""
    texts = (f"{step.what} = {step.value}" if step.value else step.what for step in group)
    for text, equal in groupby(texts):
        times = sum(1 for _ in equal)
        yield text if times == 1 else f"{text} (x{times})"
