"""What a learner has done, as values: pure; read from and written to one TOML file."""

from __future__ import annotations

import contextlib
import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from pytest_concurrency._dojo.states import State
from pytest_concurrency._katas import toml_rules
from pytest_concurrency._katas.refusals import Refused
from pytest_concurrency._katas.toml_rules import Rule, is_name, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEAD = """\
# What you have done so far, written by `katas`.
# `katas progress --merge FILE` joins it with that of another machine.
"""
ANSWERS = ("right", "wrong")
RANKS = {state: rank for rank, state in enumerate(State)}
EARLIEST = datetime.min.replace(tzinfo=UTC)
CONFLICT = re.compile(
    r"^<{7}[^\n]*\n(.*?)^(?:\|{7}[^\n]*\n.*?^)?={7}[^\n]*\n(.*?)^>{7}[^\n]*\n?", re.MULTILINE | re.DOTALL
)


class Damaged(Refused):
    """A file was not written to its end, or not by us."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done about one kata.

    Attributes:
        state: after the last run.
        at: when that was.
        task: the first task that was not green then; 0 when all were, or when it is not known.
        green: when it was green for the first time.
        runs: how often it was run, by machine: so two machines' counts can be joined.
        hints: how many steps of the hints were read, by task.
        mistakes: `right` or `wrong` for each known mistake that was guessed at.
        more: what a newer version has written, and this one does not know: it is kept.
    """

    state: State = State.NOT_BEGUN
    at: datetime = EARLIEST
    task: int = 0
    green: datetime | None = None
    runs: Mapping[str, int] = field(default_factory=dict)
    hints: Mapping[str, int] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


Progress = dict[str, Entry]  # under no name stands what a newer version has written above the first kata


def after_run(entry: Entry, state: State, task: int, at: datetime, machine: str) -> Entry:
    """Return an entry after one run more."""
    runs = {**entry.runs, machine: entry.runs.get(machine, 0) + 1}
    green = entry.green or (at if state is State.GREEN else None)
    more = {key: value for key, value in entry.more.items() if key != "state"}
    return replace(entry, state=state, task=task, at=at, green=green, runs=runs, more=more)


def merge(ours: Progress, theirs: Progress) -> Progress:
    """Join what two machines know. The order does not matter, nor does joining twice."""
    names = [*ours, *(name for name in theirs if name not in ours)]
    return {name: _merge(ours.get(name, Entry()), theirs.get(name, Entry())) for name in sorted(names)}


def _merge(one: Entry, other: Entry) -> Entry:
    latest = max(one, other, key=lambda entry: (entry.at, RANKS[entry.state], entry.task))
    greens = [entry.green for entry in (one, other) if entry.green]
    return Entry(
        latest.state,
        latest.at,
        latest.task,
        min(greens, default=None),
        _join(one.runs, other.runs, max),
        _join(one.hints, other.hints, max),
        _join(one.mistakes, other.mistakes, min),  # "right" comes before "wrong"
        _join(one.more, other.more, lambda *both: max(both, key=repr)),
    )


def _join(one: Mapping[str, Any], other: Mapping[str, Any], choose: Callable[[Any, Any], Any]) -> dict[str, Any]:
    joined = {**one, **other}
    return {key: choose(one[key], other[key]) if key in one and key in other else joined[key] for key in sorted(joined)}


def write(progress: Progress) -> str:
    """Write progress as TOML, one table for each kata, by name."""
    parts = [HEAD]
    for name, entry in sorted(progress.items()):
        lines = [f"[{name}]"] if name else []
        is_foreign = "state" in entry.more or (entry.more and entry == Entry(more=entry.more))
        lines += [] if is_foreign else [f'state = "{entry.state}"']
        lines += [f"at = {_instant(entry.at)}"] if entry.at > EARLIEST else []
        lines += [f"task = {entry.task}"] if entry.task else []
        lines += [f"green = {_instant(entry.green)}"] if entry.green else []
        for key in ("runs", "hints", "mistakes"):
            if table := getattr(entry, key):
                lines.append(f"{key} = {_inline(table)}")
        lines += [f"{_key(key)} = {_value(value)}" for key, value in entry.more.items()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _inline(table: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{_key(key)} = {_value(value)}" for key, value in sorted(table.items())) + " }"


def _key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else _text(key)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    """Write any value that TOML has."""
    match value:
        case dict():
            return _inline(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case datetime() | date() | time():
            return value.isoformat()
        case float():
            return repr(value)
    return _text(value)


def _is_table(holds_key: Callable[[str], bool], holds: Callable[[Any], bool]) -> Callable[[object], bool]:
    def test(value: object) -> bool:
        return isinstance(value, dict) and all(holds_key(key) and holds(each) for key, each in value.items())

    return test


def _is_count(value: object) -> bool:
    return is_number(value) and isinstance(value, int) and value >= 0


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


RULES = {
    "state": Rule(f"be one of {', '.join(State)}", lambda value: isinstance(value, str), optional=True),
    "at": Rule("be an instant with its offset, such as 2026-01-31T09:30:00Z", _is_instant, optional=True),
    "task": Rule("be the number of a task", _is_count, optional=True),
    "green": Rule("be an instant with its offset, such as 2026-01-31T09:30:00Z", _is_instant, optional=True),
    "runs": Rule("map machines to counts", _is_table(lambda key: key.isalnum(), _is_count), optional=True),
    "hints": Rule("map numbers of tasks to counts", _is_table(str.isdecimal, _is_count), optional=True),
    "mistakes": Rule(
        f"map names to {' or '.join(ANSWERS)}", _is_table(str.isidentifier, ANSWERS.__contains__), optional=True
    ),
}


def read(text: str, source: str) -> Progress:
    """Read progress; both sides of a conflict that version control has left in it are joined.

    Raises:
        Damaged: the text is no TOML.
        Refused: it breaks a rule.
    """
    if CONFLICT.search(text):
        return merge(read(CONFLICT.sub(r"\1", text), source), read(CONFLICT.sub(r"\2", text), source))
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Damaged("{file} must be TOML, got: {error}", {"file": source, "error": error}) from None
    more = {name: value for name, value in values.items() if not isinstance(value, dict)}
    tables = {name: table for name, table in values.items() if name not in more}
    return {**({"": Entry(more=more)} if more else {}), **{name: _entry(name, tables[name], source) for name in tables}}


def salvaged(text: str, source: str) -> Progress:
    """Return what can be read of a file that is damaged: each kata whose lines are whole."""
    found: Progress = {}
    for part in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        with contextlib.suppress(Refused):
            found |= read(part, source)
    return found


def _entry(name: str, table: dict[str, Any], source: str) -> Entry:
    if not is_name(name):
        raise toml_rules.must(source, "table", "be named like a kata", name)
    known = {key: value for key, value in table.items() if key in RULES}
    more = {key: value for key, value in table.items() if key not in RULES}
    toml_rules.check(source, known, RULES, f"{name}.")
    state = known.pop("state", State.NOT_BEGUN)
    if state not in tuple(State):  # of a newer version: something was done
        more["state"], state = state, State.BEGUN
    return Entry(**known, state=State(state), more=more)
