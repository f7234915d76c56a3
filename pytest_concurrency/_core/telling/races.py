"""Unordered accesses in words: alarms, which a schedule shows to lose something, and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_concurrency._core.telling.report import Place

ALARM: Final = "alarm"
NOTE: Final = "note"


@dataclass(frozen=True, slots=True)
class RaceAccess:
    """One side of a race.

    Attributes:
        task: Who.
        what: What it does, for example "read n" or "write item".
        place: Where.
        locks: What it held meanwhile.
    """

    task: str
    what: str
    place: Place
    locks: tuple[str, ...] = ()

    def __str__(self) -> str:
        locks = f"holding {' and '.join(self.locks)}" if self.locks else "holding no lock"
        return f"{self.task}: {self.what} at {self.place}, {locks}"


@dataclass(frozen=True, slots=True)
class Race:
    """Accesses of several tasks to the same thing, one of them a write, that nothing orders.

    Attributes:
        kind: "alarm" where a schedule shows that something is lost or comes out differently;
            "note" else: it may be meant so.
        headline: What it is, in one line.
        accesses: In the order in which they were seen.
        replay: Token of the schedule that shows an alarm; "" for a note.
        cause: What is missing.
    """

    kind: str
    headline: str
    accesses: tuple[RaceAccess, ...]
    replay: str = ""
    cause: str = ""

    @property
    def is_alarm(self) -> bool:
        """Whether it fails a test with `races="fail"`."""
        return self.kind == ALARM

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {each}" for each in self.accesses)])


def lost_update(accesses: tuple[RaceAccess, RaceAccess, RaceAccess], replay: str = "") -> Race:
    """Tell of a write that came between another task's read and write."""
    read, other, write = accesses
    name = write.what.partition(" ")[2]
    kind = "lost update" if read.place == write.place else "lost update or check-then-act"
    headline = (
        f"{kind}: {other.task} changed {name} between {write.task}'s read and {write.task}'s write, and it was lost"
    )
    return Race(ALARM, headline, accesses, replay, _missing(accesses))


def unordered(accesses: tuple[RaceAccess, RaceAccess]) -> Race:
    """Tell of two accesses that nothing orders."""
    first, second = accesses
    writes = sum(not each.what.startswith(("read", "look", "test", "next", "iterate", "format")) for each in accesses)
    what = "two changes" if writes == 2 else "a change and a look at it"
    return Race(NOTE, f"unordered: {what} by {first.task} and {second.task}, in any order", accesses)


def changed_outcome(accesses: tuple[RaceAccess, RaceAccess], outcome: str, usual: tuple[str, ...], replay: str) -> Race:
    """Tell of two accesses whose order decides about a result that no order of whole tasks gives."""
    headline = f"order decides: the scenario returned {outcome}, and without interruptions only {' or '.join(usual)}"
    return Race(ALARM, headline, accesses, replay, _missing(accesses))


def _missing(accesses: tuple[RaceAccess, ...]) -> str:
    """Say which lock is missing where."""
    common = set.intersection(*(set(each.locks) for each in accesses))
    some = sorted({lock for each in accesses for lock in each.locks} - common)
    if not some:
        return "nothing orders them: from the read to the write must be one critical section of one lock"
    without = sorted({str(each.place) for each in accesses if not set(some) & set(each.locks)})
    if without:
        return f"{' and '.join(some)} is not held at {' and '.join(without)}"
    return "they hold different locks: one lock has to be held from the read to the write"
