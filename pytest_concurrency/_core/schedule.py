"""Schedules that survive an edit: switches named by what happens there, and their text form."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_concurrency._core.errors import ReplayError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSION: Final = "1"
PACK_FROM: Final = 240
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


class Mark(NamedTuple):
    """A switch as a token keeps it: the place is a digest of its `Where`."""

    task: int
    digest: int
    nth: int
    to: int


def mark(switch: Switch) -> Mark:
    """Return the short form of a switch."""
    return Mark(switch.task, where_digest(switch.where), switch.nth, switch.to)


def where_digest(where: Where) -> int:
    """Return 32 bits that stand for a place."""
    return zlib.crc32("\0".join((where.function, str(where.line), where.operation)).encode())


def usual(runnable: Sequence[int], current: int | None) -> int:
    """Return whose turn it is where no switch is recorded: who goes on, else the lowest number, time last."""
    if current is not None:
        return current
    return next((task for task in runnable if task >= 0), runnable[0])


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recorded schedule: the scenario it belongs to and its switches in order."""

    scenario: str
    marks: tuple[Mark, ...]

    def encode(self) -> str:
        """Return a token of letters, digits, `-` and `_`, safe in any shell.

        It is `1-`, eight hexadecimal digits for the scenario, eight for the body, and the body:
        per switch a varint for the task, four bytes for the place, varints for the occurrence
        and for who goes next, all of it in base64.
        """
        packed = bytearray()
        for each in self.marks:
            packed += _varint(each.task) + struct.pack(">I", each.digest)
            packed += _varint(each.nth) + _varint(each.to + 1)
        if len(packed) > PACK_FROM or packed[:1] == b"\xff":  # which is how a packed one begins
            packed = bytearray(b"\xff") + zlib.compress(bytes(packed), 9)
        body = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        return f"{VERSION}-{_digest(self.scenario)}-{_digest(body)}-{body}"


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(0x80 | (number & 0x7F))
        number >>= 7
    out.append(number)
    return bytes(out)


def _digest(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def decode(token: str, scenario: str) -> Schedule:
    """Read a token that `Schedule.encode` wrote for this scenario.

    Raises:
        ReplayError: The token is damaged, of another version, or of another scenario.
    """
    if not is_whole(token):
        raise ReplayError(f"replay must be a token that a failure printed, got {token!r}")
    version, owner, _, body = token.strip().split("-", 3)
    if version != VERSION:
        raise ReplayError(f"replay must be of version {VERSION}, got version {version!r}")
    if owner != _digest(scenario):
        raise ReplayError(f"replay must belong to {scenario}, got one of another test: {token!r}")
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        return Schedule(scenario, tuple(_unpack(zlib.decompress(packed[1:]) if packed[:1] == b"\xff" else packed)))
    except (binascii.Error, zlib.error, struct.error, ValueError, IndexError) as error:
        raise ReplayError(f"replay must be a token that a failure printed, got {token!r}") from error


def _unpack(packed: bytes) -> Iterator[Mark]:
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = packed[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(packed):
        task = varint()
        (digest,) = struct.unpack_from(">I", packed, at)
        at += 4
        yield Mark(task, digest, varint(), varint() - 1)


def is_whole(token: str) -> bool:
    """Tell whether a text is a token, of whichever version and scenario."""
    parts = token.strip().split("-", 3)
    return len(parts) == 4 and _digest(parts[3]) == parts[2]


def belongs(token: str, scenario: str) -> bool:
    """Tell whether a token says that it is of this scenario."""
    parts = token.strip().split("-", 3)
    return len(parts) == 4 and parts[1] == _digest(scenario)


class Follower:
    """Follows a schedule through a run: told every point, it answers where to switch."""

    def __init__(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self._at = 0
        self._seen: Counter[tuple[int, Where]] = Counter()
        self._last: Where | None = None

    def arrive(self, task: int, where: Where) -> None:
        """Note that a task has come to a point, before `answer` is asked there."""
        self._seen[task, where] += 1

    def answer(self, task: int, where: Where) -> int | None:
        """Return who goes next at this point, or None where the schedule says nothing."""
        if self._at < len(self._marks):
            each = self._marks[self._at]
            if each.task == task and self._seen[task, where] == each.nth and where_digest(where) == each.digest:
                self._at += 1
                self._last = where
                return each.to
        return None

    @property
    def left(self) -> str:
        """Where the run left the record, in words; "" when every switch was reached."""
        if self._at == len(self._marks):
            return ""
        done = f"after {self._last}" if self._last is not None else "at once"
        task = self._marks[self._at].task
        return f"switch {self._at + 1} of {len(self._marks)}, in task {task}, was never reached ({done})"
