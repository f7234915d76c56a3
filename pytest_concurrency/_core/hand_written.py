"""A schedule that a person writes: `["A: until withdraw:12", "B: to the end"]` as values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_concurrency._core.errors import ConcurrencyError, ScheduleError


@dataclass(frozen=True, slots=True)
class PlayStep:
    """One line of a hand-written schedule: who goes on, and how far.

    Attributes:
        text: The line as it was written.
        task: A thread's name, "main" for the scenario, or a number: the order of the start.
        kind: "line", "operation", "end", "steps" or "waits".
        function: For "line": the function's name, perhaps with its class.
        line: For "line": the line in the file, from 1.
        verb: For "operation": what the task is about to do.
        thing: For "operation": on what, or "" for anything.
        count: For "steps": how many.
    """

    text: str
    task: str
    kind: str
    function: str = ""
    line: int = 0
    verb: str = ""
    thing: str = ""
    count: int = 0

    def is_line_of(self, function: str) -> bool:
        """Tell whether this step stops in a function of that qualified name."""
        return self.kind == "line" and (function == self.function or function.endswith(f".{self.function}"))

    def is_operation(self, names: Sequence[tuple[str, str]]) -> bool:
        """Tell whether one of (verb, thing) is the operation that this step waits for.

        A thing fits by its whole name, or by any word of its description.
        """
        return self.kind == "operation" and any(verb == self.verb and self._fits(thing) for verb, thing in names)

    def _fits(self, thing: str) -> bool:
        wanted = self.thing.removeprefix("self.")
        return not wanted or wanted in (thing, *re.split(r"[\s`]+", thing.replace("self.", "")))


@dataclass(frozen=True, slots=True)
class Played:
    """What one hand-written schedule has shown; as text it is the interleaving.

    Attributes:
        lanes: The interleaving, one column for each task.
        error: What the scenario fails with under this schedule, or None.
        value: What the scenario returned.
    """

    lanes: str
    error: ConcurrencyError | None = None
    value: Any = None

    @property
    def failed(self) -> bool:
        """Whether the scenario fails under this schedule."""
        return self.error is not None

    def __str__(self) -> str:
        return self.lanes


_FORMS: Final = (
    (re.compile(r"until (?P<function>[\w.<>]+):(?P<line>\d+)"), "line"),
    (re.compile(r"until it waits"), "waits"),
    (re.compile(r"until (?P<verb>\w+)(?: (?P<thing>.+))?"), "operation"),
    (re.compile(r"to (?:the|its) end"), "end"),
    (re.compile(r"for (?P<count>[1-9]\d*) steps?"), "steps"),
)
_HELP: Final = (
    '"NAME: until FUNCTION:LINE", "NAME: until OPERATION", "NAME: until it waits", '
    '"NAME: to the end", "NAME: for N steps"'
)


def parse_steps(steps: Any) -> tuple[PlayStep, ...]:
    """Read a hand-written schedule.

    Raises:
        ScheduleError: A line has none of the known forms; the message names them.
    """
    if isinstance(steps, str) or not isinstance(steps, Sequence):
        raise ScheduleError(f"a schedule must be a list of lines, got {steps!r}")
    return tuple(_parse(number, each) for number, each in enumerate(steps, 1))


def _parse(number: int, text: Any) -> PlayStep:
    if isinstance(text, str):
        name, _, what = text.strip().partition(": ")
        for form, kind in _FORMS:
            found = form.fullmatch(" ".join(what.split()))
            if found and name:
                parts = {key: value for key, value in found.groupdict().items() if value is not None}
                return PlayStep(
                    text,
                    name.strip(),
                    kind,
                    parts.get("function", ""),
                    int(parts.get("line", 0)),
                    parts.get("verb", ""),
                    parts.get("thing", ""),
                    int(parts.get("count", 0)),
                )
    raise ScheduleError(f"step {number} must be one of {_HELP}, got {text!r}")
