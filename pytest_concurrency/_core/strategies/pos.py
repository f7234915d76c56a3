"""Partial order sampling (Yuan, Yang, Gu: "Partial order aware concurrency sampling", CAV 2018).

Every pending operation has a random priority and the highest one runs. Whenever an operation has
run, those that conflict with it draw anew, so that the order of each conflicting pair is decided
by independent draws: the runs spread over partial orders and not over interleavings.

Departure from the paper: operations that run while nobody else could are not seen, and so do not
make blocked ones draw anew (these draw again when they conflict with a later one).
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from pytest_concurrency._core.operations import Operation, conflict
from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Pos(Strategy):
    """Run the pending operation of the highest random priority; conflicting ones draw anew."""

    name = "pos"

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed).random
        self._priority: dict[int, float] = {}  # invariant: only of operations that are still pending

    def start_run(self) -> bool:
        self._priority.clear()
        return True

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        priority = self._priority
        best, best_priority = -2, -1.0
        for task in runnable:
            value = priority.get(task)
            if value is None:
                value = priority[task] = self._random()
            if value > best_priority:
                best, best_priority = task, value
        del priority[best]
        operation = pending[best]
        if operation[1] != ():
            for task in [*priority]:
                if task in pending and conflict(pending[task], operation):
                    del priority[task]
        return best

    def pick(self, options: int) -> int:
        return int(self._random() * options)
