"""The default strategy: several take turns, so that nobody has to choose one.

The first run is a profile: it goes straight through, and shows how long a run is and which tasks
meet at which objects. After it the runs are shared out in rounds: half of them to the selectively
uniform walk, which finds rare orders at one object; the rest to partial order sampling, to random
priorities (few preemptions, many tasks), and to the exhaustive search. Small programs are proved
by the search before the sampling has done much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_concurrency._core.model import Operation
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.pct import Pct
from pytest_concurrency._core.strategies.pos import Pos
from pytest_concurrency._core.strategies.surw import Surw
from pytest_concurrency._core.strategy import Strategy


class Portfolio(Strategy):
    """Give each run to the next strategy; end when the exhaustive one has tried everything."""

    name = "auto"
    exhaustive = True

    def __init__(self, seed: int = 0, preemptions: int | None = None) -> None:
        self._search = Dpor()
        walk, partial, priorities = Surw(seed), Pos(seed + 1), Pct(seed + 2)
        self._members: tuple[Strategy, ...] = (self._search, walk, partial, walk, priorities, walk)
        self._turn = -1
        self._active: Strategy = self._search

    def start_run(self) -> bool:
        self._turn += 1
        self._active = active = self._members[self._turn % len(self._members)]
        self.every_step = active.every_step
        self.choose = active.choose  # type: ignore[method-assign] # one call less a step
        return active.start_run()

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return self._active.choose(runnable, current, pending)

    def pick(self, options: int) -> int:
        return self._active.pick(options)

    def standstill(self, pending: Mapping[int, Operation], *, left: bool) -> None:
        self._active.standstill(pending, left=left)

    def end_run(self, *, cut: bool) -> None:
        self._active.end_run(cut=cut)

    def widened(self) -> None:
        self._search.widened()

    def describe(self) -> str:
        return self._search.describe()
