"""Which lines of a long interleaving are left out: never one alone, and none that the failure speaks of."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_concurrency._core.telling.report import Place, Report

LONG_TURN: Final = 8
MAX_TURNS: Final = 40
MANY: Final = 16
"""As many lines of one turn are shown for what they touch, beside its ends: a loop may touch it for ever."""
_NAME: Final = re.compile(r"[^\W\d]\w*")
_FAILED_AT: Final = re.compile(r":\d+ in [^:]+: (.+)")
_COMMON: Final = frozenset({"self", "cls", *keyword.kwlist, *dir(builtins)})


class Folding:
    """Decides what of a report's interleaving is shown.

    Args:
        report: What is told; None where it is no failure.
        hint: How to see the whole; "" where nobody can ask for it here.
        whole: Whether nothing is left out.
    """

    def __init__(self, report: Report | None = None, *, hint: str = "", whole: bool = False) -> None:
        self._hint = f", {hint}" if hint else ""
        self.whole = whole
        lines = [] if report is None else [report.headline, *report.error, report.cause]
        text, named = "\n".join(lines), {step.place for step in (report.lanes if report else ()) if step.place.line}
        self._marked = {place for place in named if re.search(rf"(?<!\w){re.escape(str(place))}(?!\d)", text)}
        sources = [place.source for place in self._marked]
        sources += [found[1] for line in lines if (found := _FAILED_AT.search(line))]
        self._names = {name for source in sources for name in _names(source)}

    def left_out(self, count: int, what: str) -> str:
        """Say that so many are not shown here."""
        return f"... {count} {what}{self._hint} ..."

    def rows(self, places: list[Place]) -> Iterator[int]:
        """Yield for the lines of a turn the number of each that is shown, and -n where n are left out."""
        keep = LONG_TURN // 2
        touching = [number for number, place in enumerate(places) if self._is_about(place)]
        if len(touching) > MANY:
            touching = touching[: MANY // 2] + touching[-MANY // 2 :]
        shown = {*range(keep), *range(len(places) - keep, len(places)), *touching}
        return self._gaps(len(places), shown.__contains__ if len(places) > LONG_TURN else None)

    def turns(self, tasks: list[str]) -> Iterator[int]:
        """Yield, for the tasks whose turn it is, the same: of each task at least its last turn is shown."""
        first, last = MAX_TURNS // 4, MAX_TURNS - MAX_TURNS // 4
        ends = {task: number for number, task in enumerate(tasks)}
        shown = {*range(first), *range(len(tasks) - last, len(tasks)), *ends.values()}
        return self._gaps(len(tasks), shown.__contains__ if len(tasks) > MAX_TURNS else None)

    def _gaps(self, count: int, is_shown: Callable[[int], bool] | None) -> Iterator[int]:
        if self.whole or is_shown is None:
            yield from range(count)
            return
        gap: list[int] = []
        for number in range(count + 1):
            if number < count and not is_shown(number):
                gap.append(number)
                continue
            yield from gap if len(gap) == 1 else [-len(gap)] if gap else []
            gap = []
            if number < count:
                yield number

    def _is_about(self, place: Place) -> bool:
        return place in self._marked or not self._names.isdisjoint(_names(place.source))


def _names(source: str) -> Iterable[str]:
    return {name for name in _NAME.findall(source) if name not in _COMMON}
