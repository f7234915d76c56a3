"""What may be sent to a board, and the one line that refuses everything else: pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas.refusals import Phrase, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_BYTES = 16 * 1024
TOO_BIG = "a message must have at most {most} bytes, got {got}"
MOST_AGO = 24 * 3600.0  # seconds; what happened longer ago is of another day


@dataclass(frozen=True, slots=True)
class Field:
    """The condition that a field must meet, in words and as a test; a field without a default is required."""

    condition: str
    holds: Callable[[Any], bool]
    default: Any = None
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """One step of one run of a pair.

    Attributes:
        run: tells the runs of a pair apart; with `step` it tells a report that was sent twice.
        ago: seconds between the step and the sending, by the pair's own clock: the only time that is believed of it.
    """

    run: str
    step: int
    kata: str
    state: State
    running: bool
    tasks: Mapping[int, State]
    task: int
    seconds: float
    line: str
    failed: tuple[str, ...]
    ago: float


def _text(most: int, *, least: int = 0) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and least <= len(value) <= most and value.isprintable()


def _number(most: float) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and math.isfinite(value) and 0 <= value <= most

    return holds


def _whole(most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _is_state(value: Any) -> bool:
    return isinstance(value, str) and value in tuple(State)


def _are_tasks(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) > 50:
        return False
    return all(key.isascii() and key.isdecimal() and len(key) < 4 and _is_state(each) for key, each in value.items())


def _texts(most: int, width: int, *, least: int = 0) -> Callable[[Any], bool]:
    holds = _text(width, least=least)
    return lambda value: isinstance(value, list) and len(value) <= most and all(holds(each) for each in value)


def _optional(field: Field, default: Any) -> Field:
    return Field(field.condition, field.holds, default, is_required=False)


def text_field(most: int, least: int = 0) -> Field:
    """Return a field for one line of text."""
    return Field(f"be one line of {least} to {most} characters", _text(most, least=least))


PAIR = {"pair": text_field(40, 1), "key": text_field(80, 1)}
JOIN = {
    "name": text_field(60, 1),
    "people": _optional(Field("be at most 8 names", _texts(8, 40, least=1)), []),
    "pair": _optional(PAIR["pair"], ""),
    "key": _optional(PAIR["key"], ""),
}
REPORT = {
    **PAIR,
    "run": text_field(40, 1),
    "step": Field("be a whole number from 0 to 1000000", _whole(1_000_000)),
    "kata": text_field(80, 1),
    "state": Field(f"be one of {', '.join(State)}", _is_state),
    "running": Field("be true or false", lambda value: isinstance(value, bool)),
    "tasks": Field("map at most 50 numbers of tasks to states", _are_tasks),
    "task": Field("be the number of a task", _whole(999)),
    "seconds": Field("be a number of seconds", _number(1e6)),
    "line": text_field(500),
    "failed": Field("be at most 50 names of tests", _texts(50, 200)),
    "ago": Field("be a number of seconds", _number(1e9)),
}
PREDICT = {
    **PAIR,
    "says": Field("be pass or fail", lambda value: value in ("pass", "fail")),
    "test": _optional(text_field(200), ""),
}
ROTATE = {
    "do": Field("be start, pause, skip or minutes", lambda value: value in ("start", "pause", "skip", "minutes")),
    "minutes": _optional(
        Field("be a number of minutes from 0.1 to 120", lambda value: _number(120)(value) and value >= 0.1), 0
    ),
}


def read(body: bytes, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Read a message.

    Raises:
        ValueError: it is too big, no JSON object, or a field is unknown, missing or not what it must be.
    """
    if len(body) > MOST_BYTES:
        raise Refused(TOO_BIG, {"most": MOST_BYTES, "got": len(body)})
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("a message must be JSON, got {got}", {"got": shown(body[:40])}) from None
    if not isinstance(found, dict):
        raise Refused("a message must be a JSON object, got {got}", {"got": shown(found)})
    for name in found:
        if name not in fields:
            names = {"names": ", ".join(fields), "got": shown(name)}
            raise Refused("a field must be one of {names}, got {got}", names)
    return {name: _field(name, field, found) for name, field in fields.items()}


def _field(name: str, field: Field, found: Mapping[str, Any]) -> Any:
    if name not in found:
        if field.is_required:
            raise refused(name, field)
        return field.default
    if not field.holds(found[name]):
        raise refused(name, field, shown(found[name]))
    return found[name]


def refused(name: str, field: Field, got: str = "nothing") -> Refused:
    """Return the error that tells what a field must be."""
    values = {"name": name, "condition": Phrase(field.condition), "got": Phrase(got)}
    return Refused("{name} must {condition}, got {got}", values)


def shown(value: Any) -> str:
    """Write a value short, on one line, in ASCII."""
    text = ascii(value)
    return text if len(text) <= 60 else text[:59] + "~"


def report_of(found: Mapping[str, Any]) -> Report:
    """Return a report as a value."""
    return Report(
        found["run"],
        found["step"],
        found["kata"],
        State(found["state"]),
        found["running"],
        {int(task): State(state) for task, state in found["tasks"].items()},
        found["task"],
        float(found["seconds"]),
        found["line"],
        tuple(found["failed"]),
        min(float(found["ago"]), MOST_AGO),
    )


def one_line(text: str, most: int = 500) -> str:
    """Return a text as a board takes it: printable, on one line, not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= most else line[: most - 1] + "…"
