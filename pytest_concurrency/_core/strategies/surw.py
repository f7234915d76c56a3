"""Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).

A random walk over tasks is far from uniform over interleavings: whoever has few steps left is too
often early. Weighting each task with its number of remaining steps makes it uniform. As most steps
do not matter, the weights count only *interesting* ones: in each run the accesses to one object,
drawn at random. A task drawn by weight is meant to do the next interesting step; the others stop
before theirs, and all uninteresting steps go by a plain random walk.

Departures from the paper: the weights come from a first plain run, as there, but every later run
improves them (a running mean). Objects are known by the order in which a run meets them. If none
of those who may go on can, the draw is repeated among those that stand before an interesting step.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.model import Operation

_FORCED = frozenset({"release", "end", "begin", "join", "look"})


class Surw(Strategy):
    """Walk at random, uniformly over the orders in which tasks reach one object."""

    name = "surw"

    def __init__(self, seed: int = 0) -> None:
        self._rng = Random(seed)
        self._random = self._rng.random
        self._means: dict[object, dict[int, float]] = {}  # key -> task -> interesting steps a run
        self._seen: dict[object, dict[int, int]] = {}  # the same, counted in this run
        self._runs = 0
        self._target: object = None
        self._left: dict[int, float] = {}
        self._meant: int | None = None

    def start_run(self) -> bool:
        self._learn()
        self._seen = {}
        self._target, self._left = None, {}
        keys = [key for key, counts in self._means.items() if len(counts) > 1]
        if keys:
            self._target = keys[int(self._random() * len(keys))]
            self._left = dict(self._means[self._target])
        self._meant = None
        return True

    def _learn(self) -> None:
        """Move the means towards what the last run showed."""
        if not self._seen:
            return
        self._runs += 1
        rate = 1 / min(self._runs, 20)
        for key, counts in self._seen.items():
            means = self._means.setdefault(key, {})
            for task, count in counts.items():
                before = means.get(task)
                means[task] = count if before is None else before + (count - before) * rate

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        chosen = self._walk(runnable, pending)
        accesses = pending[chosen][1]
        if accesses and pending[chosen][0] not in _FORCED:
            target = self._target
            for key, _ in accesses:
                counts = self._seen.get(key)
                if counts is None:
                    counts = self._seen[key] = {}
                counts[chosen] = counts.get(chosen, 0) + 1
                if key == target:
                    self._left[chosen] = max(self._left.get(chosen, 0) - 1, 0)
                    self._meant = None
        return chosen

    def _walk(self, runnable: Sequence[int], pending: Mapping[int, Operation]) -> int:
        target = self._target
        if target is None:
            return runnable[int(self._random() * len(runnable))]
        if self._meant is None:
            self._meant = self._draw(self._left)
        free, stopped = [], []
        for task in runnable:
            (stopped if task != self._meant and self._matters(pending[task]) else free).append(task)
        if free:
            return free[int(self._random() * len(free))]
        self._meant = self._draw({task: self._left.get(task, 0) for task in stopped})
        return stopped[int(self._random() * len(stopped))] if self._meant is None else self._meant

    def _matters(self, operation: Operation) -> bool:
        accesses = operation[1]
        if not accesses or operation[0] in _FORCED:
            return False
        target = self._target
        return any(key == target for key, _ in accesses)

    def _draw(self, weights: Mapping[int, float]) -> int | None:
        total = sum(weights.values())
        if total <= 0:
            return None
        at = self._random() * total
        for task, weight in weights.items():
            at -= weight
            if at < 0:
                return task
        return task

    def pick(self, options: int) -> int:
        return int(self._random() * options)
