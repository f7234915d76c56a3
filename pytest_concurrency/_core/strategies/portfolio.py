"""A portfolio: several strategies take turns, so that nobody has to choose one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_concurrency._core.model import Operation
from pytest_concurrency._core.strategy import Strategy


class Portfolio(Strategy):
    """Give each run to the next strategy; end when an exhaustive one has tried everything."""

    name = "auto"
    exhaustive = True

    def __init__(self, *members: Strategy) -> None:
        self._members = members
        self._turn = -1
        self._active = members[0]
        self.every_step = any(member.every_step for member in members)

    def start_run(self) -> bool:
        self._turn += 1
        self._active = self._members[self._turn % len(self._members)]
        self.choose = self._active.choose  # type: ignore[method-assign] # one call less a step
        return self._active.start_run()

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return self._active.choose(runnable, current, pending)

    def pick(self, options: int) -> int:
        return self._active.pick(options)

    def end_run(self, *, cut: bool) -> None:
        self._active.end_run(cut=cut)

    def widened(self) -> None:
        for member in self._members:
            member.widened()

    def describe(self) -> str:
        return self._active.describe()
