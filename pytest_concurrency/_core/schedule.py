"""Schedules that survive an edit: switches named by what happens there, and their text form."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import Final, NamedTuple

from pytest_concurrency._core.errors import ReplayError

VERSION: Final = "1"
SHORT: Final = 120
"""Longest token, in characters, that is printed inside a command; longer ones go to a file."""


class Where(NamedTuple):
    """A point in the code that moves along with its function.

    `line` counts from the function's first line (0 is the `def` itself).
    """

    function: str
    line: int
    operation: str

    def __str__(self) -> str:
        line = f":{self.line}" if self.function else ""
        return f"{self.function}{line} ({self.operation})"


class Switch(NamedTuple):
    """When `task` is at `where` for the `nth` time, `to` goes next.

    Everywhere else the running task goes on, and where it cannot the lowest number that can.
    """

    task: int
    where: Where
    nth: int
    to: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recorded schedule: the scenario it belongs to and its switches in order."""

    scenario: str
    switches: tuple[Switch, ...]

    def encode(self) -> str:
        """Return a token of letters, digits, `-` and `_`, safe in any shell."""
        rows = [[s.task, *s.where, s.nth, s.to] for s in self.switches]
        text = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
        packed = zlib.compress(text.encode(), 9)
        body = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        return f"{VERSION}-{_digest(self.scenario)}-{_digest(body)}-{body}"


def _digest(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def decode(token: str, scenario: str) -> Schedule:
    """Read a token that `Schedule.encode` wrote for this scenario.

    Raises:
        ReplayError: The token is damaged, of another version, or of another scenario.
    """
    parts = token.strip().split("-", 3)
    if len(parts) != 4 or _digest(parts[3]) != parts[2]:
        raise ReplayError(f"replay must be a token that a failure printed, got {token!r}")
    version, owner, _, body = parts
    if version != VERSION:
        raise ReplayError(f"replay must be of version {VERSION}, got version {version!r}")
    if owner != _digest(scenario):
        raise ReplayError(f"replay must belong to {scenario}, got one of another test: {token!r}")
    try:
        text = zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        rows = json.loads(text)
        switches = tuple(Switch(r[0], Where(r[1], r[2], r[3]), r[4], r[5]) for r in rows)
    except (binascii.Error, zlib.error, ValueError, IndexError, TypeError) as error:
        raise ReplayError(f"replay must be a token that a failure printed, got {token!r}") from error
    return Schedule(scenario, switches)


def belongs(token: str, scenario: str) -> bool:
    """Tell whether a token says that it is of this scenario."""
    parts = token.strip().split("-", 3)
    return len(parts) == 4 and parts[1] == _digest(scenario)


class Follower:
    """Follows a schedule through a run: told every point, it answers where to switch."""

    def __init__(self, switches: tuple[Switch, ...]) -> None:
        self._switches = switches
        self._at = 0
        self._seen: Counter[tuple[int, Where]] = Counter()

    def arrive(self, task: int, where: Where) -> None:
        """Note that a task has come to a point, before `answer` is asked there."""
        self._seen[task, where] += 1

    def answer(self, task: int, where: Where) -> int | None:
        """Return who goes next at this point, or None where the schedule says nothing."""
        if self._at < len(self._switches):
            switch = self._switches[self._at]
            if (switch.task, switch.where) == (task, where) and (self._seen[task, where] == switch.nth):
                self._at += 1
                return switch.to
        return None

    @property
    def left(self) -> Switch | None:
        """The first switch that has not been reached, or None when all were."""
        return self._switches[self._at] if self._at < len(self._switches) else None
