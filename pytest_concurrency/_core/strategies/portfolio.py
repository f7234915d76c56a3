"""The default strategy: several take turns, so that nobody has to choose one.

The first run goes straight through; it is the first of the exhaustive search, and profiles the
program for the others. After it the runs are dealt out in rounds of eight: four to the selectively
uniform walk, which finds rare orders at one object; two to partial order sampling; one to random
priorities, which find what needs one task to be left far behind; one to the exhaustive search.
Where sampling has found nothing for a while, the search gets every second run; where it has not
even met a new ordering for long, the search gets them all. So small programs end in a proof, and
a program whose known orderings have all been met, many times over, ends without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.operations import writes
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.dpor_part import DporPart
from pytest_concurrency._core.strategies.pct import Pct
from pytest_concurrency._core.strategies.pos import Pos
from pytest_concurrency._core.strategies.surw import Surw
from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.strategies.border import Part

EARLY: Final = 400
"""So many runs are dealt out mostly to sampling."""

STALE: Final = 100
"""After at least so many sampled runs without a new ordering, sampling stops."""


class Portfolio(Strategy):
    """Give each run to the next strategy; end with a proof, or when nothing new comes.

    Attributes:
        orderings: How many different orderings of conflicting accesses sampling has met.
        stale: How many sampled runs in a row have shown none that was new.
    """

    name = "auto"
    exhaustive = True

    def __init__(self, seed: int = 0, part: Part | None = None, *, exact: bool = True) -> None:
        self.search = Dpor() if part is None else DporPart(part, exact=exact)
        share = 1 if part is None else part.of
        self._early, self._enough = -(-EARLY // share), -(-STALE // share)
        walk, partial, priorities = Surw(seed), Pos(seed), Pct(seed)
        self._round: tuple[Strategy, ...] = (self.search, walk, partial, walk, priorities, walk, partial, walk)
        self._active: Strategy = self.search
        self._turn = -1
        self._met: set[int] = set()
        self.stale = 0
        self._searched = 0  # runs of the search since sampling has stopped

    @property
    def orderings(self) -> int:
        return len(self._met)

    @property
    def searches(self) -> bool:
        return self._active is self.search

    @property
    def learns(self) -> bool:  # type: ignore[override] # as who decides now does
        return self._active.learns

    @property
    def interleavings(self) -> int:
        return self.search.completed

    @property
    def met(self) -> str:
        return self.search.met

    @property
    def leaks(self) -> bool:  # type: ignore[override] # that of its search
        return self.search.leaks

    @property
    def is_elsewhere(self) -> bool:
        """Whether the last run was ended at the border of a part."""
        return self.searches and isinstance(self.search, DporPart) and self.search.is_elsewhere

    def start_run(self) -> bool:
        if not self.is_elsewhere:  # such a run is short, and no turn
            self._turn += 1
            self._active = self._next()
        active = self._active
        if self._searched > 3 * max(self._enough, self.stale):
            self.exhaustive = False
            return False
        self._ordering = 0
        self._steps: dict[int, int] = {}
        self._writers: dict[object, tuple[int, int]] = {}
        self._unknown = 0  # steps of unknown effect so far
        if active is self.search:
            self.choose = active.choose  # type: ignore[method-assign] # one call less a step
        else:
            self.choose = self._choose_and_note  # type: ignore[method-assign]
        goes_on = active.start_run()
        self.every_step = active.every_step
        return goes_on

    def _next(self) -> Strategy:
        turn = self._turn
        if self.stale >= max(self._enough, 2 * len(self._met)):
            self._searched += 1
            return self.search
        if turn < self._early:
            return self._round[turn % 8]
        return self.search if turn % 2 else self._round[1 + turn // 2 % 7]

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return self._active.choose(runnable, current, pending)

    def _choose_and_note(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        """Choose, and keep a digest of who has written before each access."""
        chosen = self._active.choose(runnable, current, pending)
        accesses = pending[chosen][1]
        if accesses is None:  # it may touch whatever others touch
            self._ordering ^= hash((chosen, len(self._writers), self._unknown))
            self._unknown += 1
        elif accesses:
            self._steps[chosen] = step = self._steps.get(chosen, 0) + 1
            writers = self._writers
            for key, mode in accesses:
                self._ordering ^= hash((key, chosen, step, writers.get(key)))
                if writes(mode):
                    writers[key] = (chosen, step)
        return chosen

    def did(self, op: Operation) -> None:
        self._active.did(op)

    def pick(self, options: int) -> int:
        picked = self._active.pick(options)
        if picked:
            self._ordering ^= hash((picked, options, self._unknown, len(self._writers)))
        return picked

    def standstill(self, pending: Mapping[int, Operation], *, left: bool) -> None:
        self._active.standstill(pending, left=left)

    def end_run(self, *, cut: bool) -> None:
        self._active.end_run(cut=cut)
        if self._active is not self.search:
            new = self._ordering not in self._met
            self._met.add(self._ordering)
            self.stale = 0 if new else self.stale + 1

    def widened(self) -> None:
        for member in self._round:
            member.widened()
        self._met.clear()
        self.stale = self._searched = 0

    def describe(self) -> str:
        if self.exhaustive:
            return self.search.describe()
        return f"no new ordering in the last {self.stale} sampled schedules ({len(self._met)} met)"
