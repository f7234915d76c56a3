"""The portfolio without its exhaustive search: for a few runs of a test that may depend on more than who goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.strategies.portfolio import Portfolio

if TYPE_CHECKING:
    from pytest_concurrency._core.strategy import Strategy

ENOUGH: Final = 30
"""After so many sampled runs without a new ordering, there are no more."""


class Sampling(Portfolio):
    """Go straight through once, then deal the runs out among the strategies that sample; end when nothing new comes."""

    name = "sampling"
    exhaustive = False

    def start_run(self) -> bool:
        return self.stale < ENOUGH and super().start_run()

    def _next(self) -> Strategy:
        return self.search if self._turn == 0 else self._round[1 + self._turn % 7]
