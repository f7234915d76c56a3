"""Everybody in turn: who has not run for longest goes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.operations import TIME
from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class FairTurns(Strategy):
    """Lets every task that can run go on for some steps, then the one that has waited longest."""

    name = "fair"

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._left = 0
        self._now = 0
        self._ran: dict[int, int] = {}

    def start_run(self) -> bool:
        """Begin with nobody having run."""
        self._left = self._now = 0
        self._ran = {}
        return True

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        """Answer the task that has run least lately; the present one while its steps last."""
        self._now += 1
        self._left -= 1
        if current is not None and self._left > 0:
            chosen = current
        else:
            able = [task for task in runnable if task != TIME] or list(runnable)
            chosen = min(able, key=lambda task: self._ran.get(task, -1))
            self._left = self._steps
        self._ran[chosen] = self._now
        return chosen
