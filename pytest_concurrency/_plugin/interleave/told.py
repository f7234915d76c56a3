"""What is told of the further orders: plain values, so that a worker of pytest-xdist can hand them in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOUND: Final = "found"
PASSED: Final = "passed"
NOT_CONTROLLED: Final = "not controlled"
NOT_TWICE: Final = "cannot be run twice"
UNTRIED: Final = "not tried"
BROKEN_OFF: Final = "broken off"
_LISTED: Final = 5  # so many of a kind are named; of more, how many
_WIDEST: Final = 100  # characters of a reason


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one test.

    Attributes:
        test: Its id.
        kind: One of the words above.
        text: The report of what was found; why it is not controlled, or cannot be run twice; what a replay that passes
            says; else "".
        schedules: How many orders were tried.
        seconds: How long that took.
        count: In which schedule it was found, in words; else "".
        pictures: What is drawn of what was found, where that is asked for.
    """

    test: str
    kind: str
    text: str = ""
    schedules: int = 0
    seconds: float = 0.0
    count: str = ""
    pictures: list[dict[str, Any]] = field(default_factory=list)

    def values(self) -> list[Any]:
        """Return it as what any process can take."""
        return [self.test, self.kind, self.text, self.schedules, self.seconds, self.count, self.pictures]


def lines(told: Iterable[Told], style: str) -> Iterator[str]:
    """Yield the lines of the section at the end, found failures first; `style` is that of `--tb`."""
    told = sorted(told, key=lambda each: each.test)
    for each in told:
        if each.kind == FOUND:
            yield from _found(each, style)
        elif each.kind == PASSED and each.text:
            yield f"{each.test}: {each.text}"
    if told:
        yield _sum(told)
    by_kind = Counter(each.kind for each in told)
    for kind in (NOT_CONTROLLED, NOT_TWICE):
        if by_kind[kind]:
            yield f"{by_kind[kind]} {kind}:"
            yield from _reasons([each for each in told if each.kind == kind])
    if by_kind[UNTRIED]:
        yield f"{by_kind[UNTRIED]} not tried for want of time: the next session begins with them"
    if by_kind[BROKEN_OFF]:
        yield f"{by_kind[BROKEN_OFF]} not tried, as the session was broken off: the next one begins with them"


def _found(each: Told, style: str) -> Iterator[str]:
    head, *rest = each.text.splitlines()
    yield f"{each.test} passes, and fails in another order ({each.count}):"
    replay = next((line for line in rest if "--race-replay=" in line), "")
    yield from (head, *rest) if style not in ("no", "line") else (head, replay)
    yield ""


def _sum(told: list[Told]) -> str:
    tried = [each for each in told if each.kind in (FOUND, PASSED)]
    failed = sum(each.kind == FOUND for each in tried)
    orders, seconds = sum(each.schedules for each in tried), sum(each.seconds for each in told)
    tests = "1 test starts" if len(told) == 1 else f"{len(told)} tests start"
    others = f"{orders} other order{'' if orders == 1 else 's'}"
    return f"{tests} threads; {len(tried)} ran in {others} in {seconds:.1f} s, {failed or 'none'} failed"


def _reasons(told: list[Told]) -> Iterator[str]:
    """Yield why, with how many share a reason, or which test is alone with it."""
    counts = Counter(each.text for each in told)
    named = {each.text: each.test for each in told}
    for text, count in counts.most_common(_LISTED):
        short = text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
        yield f"  {short} ({f'{count} tests' if count > 1 else named[text]})"
    if len(counts) > _LISTED:
        rest = sum(count for _, count in counts.most_common()[_LISTED:])
        yield f"  for other reasons: {rest}"
