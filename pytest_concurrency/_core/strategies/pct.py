"""Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).

Every task has a random priority and the highest one runs; at `depth - 1` random steps the running
task falls below all others. A bug that needs `depth` ordered events among `n` tasks and `k` steps
is found in one run with probability at least 1 / (n * k**(depth - 1)).

Departure from the paper: `k` is not given but learnt from the longest run so far.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class Pct(Strategy):
    """Run by random priorities with `depth - 1` random points of change."""

    name = "pct"

    def __init__(self, seed: int = 0, depth: int = 3) -> None:
        self._rng = Random(seed)
        self._random = self._rng.random
        self._depth = depth
        self._longest = 10
        self._step = 0
        self._changes: dict[int, int] = {}
        self._priority: dict[int, float] = {}

    def start_run(self) -> bool:
        self._longest = max(self._longest, self._step)
        self._step = 0
        self._priority.clear()
        random, longest = self._random, self._longest
        # invariant: priorities drawn at a task's first sight are >= 1, those after a change < 1
        self._changes = {1 + int(random() * longest): -nth for nth in range(self._depth - 1)}
        return True

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        priority = self._priority
        self._step = step = self._step + 1
        best, best_priority = -2, float("-inf")
        for task in runnable:
            value = priority.get(task)
            if value is None:
                value = priority[task] = 1 + self._random()
            if value > best_priority:
                best, best_priority = task, value
        if step in self._changes:
            priority[best] = self._changes.pop(step)
            return self.choose_highest(runnable)
        return best

    def choose_highest(self, runnable: Sequence[int]) -> int:
        """Answer the runnable task with the highest priority; all have one by now."""
        return max(runnable, key=self._priority.__getitem__)

    def chance(self, tasks: int) -> float:
        """Return the least chance of a run to show a bug of this depth among so many tasks."""
        return 1.0 / (tasks * float(self._longest) ** (self._depth - 1))

    def describe(self) -> str:
        return f"random priorities with {self._depth - 1} changes in {self._longest} steps"

    def pick(self, options: int) -> int:
        return int(self._random() * options)
