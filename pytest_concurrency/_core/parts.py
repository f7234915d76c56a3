"""What the parts of one exploration have shown, and the verdict on all of them together."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.strategy import all_of
from pytest_concurrency._core.verdict import Grade

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_WEAKEST_FIRST: Final = (Grade.FAILED, Grade.UNFINISHED, Grade.UNCONTROLLED, Grade.SAMPLED, Grade.PROVED)


def contradiction(seen: Collection[str], searched: Collection[str], interleavings: int | None) -> str:
    """Say what contradicts a search that has come to its end; "" for nothing.

    Orders that it takes for all there are cannot have more outcomes than they are, nor can sampling have met one that
    it has not.
    """
    if interleavings is not None and len(seen) > interleavings:
        have = " that can differ has" if interleavings == 1 else "s that can differ have"
        return f"{interleavings} interleaving{have} {len(seen)} outcomes"
    missed = min(set(seen) - set(searched), default=None)
    return "" if missed is None else f"sampling has met the outcome {missed[:60]}, and the search has not"


def digests(texts: Iterable[str]) -> list[str]:
    """Return outcomes as what is short and equal in every process."""
    return sorted({f"{zlib.crc32(text.encode()):08x}" for text in texts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a part has shown; plain values, which other processes can take.

    Attributes:
        words: What running out of schedules has shown.
        interleavings: How many orders that can differ it has found.
        met: Equal in all parts that were cut from the same search.
        leaks: Whether it has found something that the others would have to know.
        seen: The outcomes that it has met, as digests.
        searched: Those of the runs that are to prove something.
    """

    words: str = ""
    interleavings: int | None = None
    met: str = ""
    leaks: bool = False
    seen: list[str]
    searched: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVerdict:
    """The verdict on one part.

    Attributes:
        number: Which one, from 0.
        of: How many there are.
        grade: How much was shown; `PROVED` says that nothing of this part is left.
        schedules: How many were tried.
        reason: What stands behind the grade, in words.
        require: What the whole is required to be.
        shown: What was shown, where it has come to its end.
        notes: Races and the like that it tells beside.
    """

    number: int
    of: int
    grade: Grade
    schedules: int
    reason: str
    require: str = "none"
    shown: Shown | None = None
    notes: list[str]

    def weaker(self, other: PartVerdict | None) -> PartVerdict:
        """Return the weaker of two verdicts on the same part, of which one was run twice."""
        if other is None:
            return self
        return min(self, other, key=lambda each: _WEAKEST_FIRST.index(each.grade))


@dataclass(frozen=True, slots=True)
class Joined:
    """The verdict on the whole; see `Verdict`."""

    grade: Grade
    schedules: int
    reason: str


def joined(parts: Mapping[int, PartVerdict]) -> Joined:
    """Join the verdicts on parts of one exploration, at least one: the whole is as good as the weakest of all.

    Args:
        parts: The verdict on each part that has one, by its number.
    """
    of = next(iter(parts.values())).of
    schedules = sum(each.schedules for each in parts.values())
    weakest = min(parts.values(), key=lambda each: (_WEAKEST_FIRST.index(each.grade), each.number))
    told = f"{schedules} schedules in {of} parts"
    missing = [str(number + 1) for number in range(of) if number not in parts]
    if weakest.grade is not Grade.FAILED and missing:
        have = "has" if len(missing) == 1 else "have"
        reason = f"{len(missing)} of {of} parts {have} no verdict: {', '.join(missing)}"
        return Joined(Grade.UNFINISHED, schedules, reason)
    if weakest.grade is not Grade.PROVED:
        return Joined(weakest.grade, schedules, f"{told}; part {weakest.number + 1}/{of}: {weakest.reason}")
    shown = [each.shown for each in parts.values() if each.shown is not None]
    doubt = _doubt(shown, of)
    if doubt:
        return Joined(Grade.UNFINISHED, schedules, f"{told}, but they do not fit together: {doubt}")
    count = _sum(shown)
    words = shown[0].words if count is None else f"{all_of(count)}, without a bound"
    return Joined(Grade.PROVED, schedules, f"{words}, in {told}")


def _sum(shown: list[Shown]) -> int | None:
    counts = [each.interleavings for each in shown if each.interleavings is not None]
    return sum(counts) if counts else None


def _doubt(shown: list[Shown], of: int) -> str:
    """Say why parts that are each at their end may not be the whole; "" where they are."""
    if len(shown) < of or len({each.met for each in shown}) > 1:
        return "they have met other choices or other shared state (is something different in each process?)"
    if any(each.leaks for each in shown):
        return "one has found an order that the others do not know of"
    seen = {each for part in shown for each in part.seen}
    searched = {each for part in shown for each in part.searched}
    return contradiction(seen, searched, _sum(shown))


def from_values(values: Mapping[str, Any]) -> PartVerdict:
    """Return the verdict that `dataclasses.asdict` has made plain."""
    shown = values["shown"]
    given = dict(values) | {"grade": Grade(values["grade"]), "shown": None if shown is None else Shown(**shown)}
    return PartVerdict(**given)
