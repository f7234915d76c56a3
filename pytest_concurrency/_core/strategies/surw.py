"""Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).

A random walk over tasks is far from uniform over interleavings: whoever has few steps left is too
often early. Weighting each task with its number of remaining steps makes it uniform. As most steps
do not matter, the weights count only *interesting* ones: in each run the accesses to one object,
drawn at random, or to all of its kind (the same attribute of other objects; all locks). A task
drawn by weight is meant to do the next interesting step; the others stop before theirs, and all
uninteresting steps go by a plain random walk.

Departures from the paper: objects with few steps are drawn more often (`_weight`). The weights of
tasks come from a first plain run, as there, but later ones, ever more rarely, improve them (a running
mean). Objects are known by the order in which a run meets them. If none of those who may go on can,
the draw is repeated among those that stand before an interesting step.
"""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._core.verbs import FORCED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation

NOBODY: Final = -2
LEAST: Final = 0.5
"""The weight of a task that has more interesting steps than was foreseen."""

FEW: Final = 8
"""Objects with so many steps or fewer are drawn equally often."""

CACHED: Final = 20_000


class Surw(Strategy):
    """Walk at random, uniformly over the orders in which tasks reach one object."""

    name = "surw"

    def __init__(self, seed: int = 0) -> None:
        self._rng = Random(seed)
        self._random = self._rng.random
        self._means: dict[object, dict[int, float]] = {}  # key -> task -> interesting steps a run
        self._seen: dict[object, dict[int, int]] = {}  # the same, counted in this run
        self._runs = 0
        self._profiles = 0
        self._target: object = None
        self._left: dict[int, float] = {}
        self._meant: int | None = None  # who is to do the next interesting step; None: to be drawn
        self._present: set[int] = set()  # every task that this run has shown
        self._cache: dict[Operation, tuple[object, ...]] = {}

    def start_run(self) -> bool:
        if self.every_step:
            self._learn()
        self._runs += 1
        self.every_step = self._runs & (self._runs - 1) == 0  # runs 1, 2, 4, 8 ... are profiles
        self._seen = {}
        self._target, self._left = None, {}
        weights = {target: _weight(counts) for target, counts in self._means.items() if len(counts) > 1}
        if weights:
            self._target = self._draw(weights)
            self._left = dict(self._means[self._target])
        self._meant = None
        self._present = set()
        return True

    def _learn(self) -> None:
        """Move the means towards what the last profile showed."""
        self._profiles += 1
        rate = 1 / self._profiles
        for key, counts in self._seen.items():
            means = self._means.setdefault(key, {})
            for task, count in counts.items():
                before = means.get(task)
                means[task] = count if before is None else before + (count - before) * rate

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        chosen = self._walk(runnable, pending)
        operation = pending[chosen]
        if self._matters(operation):
            self._left[chosen] = max(self._left.get(chosen, 0) - 1, 0)
            self._meant = None
        if not self.every_step:
            return chosen
        for target in self._cache[operation]:
            counts = self._seen.get(target)
            if counts is None:
                counts = self._seen[target] = {}
            counts[chosen] = counts.get(chosen, 0) + 1
        return chosen

    def _walk(self, runnable: Sequence[int], pending: Mapping[int, Operation]) -> int:
        target = self._target
        if target is None:
            return runnable[int(self._random() * len(runnable))]
        if self._meant is None:
            self._meant = self._draw(self._weights(pending))
        free: list[int] = []
        stopped: list[int] = []
        for task in runnable:
            (stopped if task != self._meant and self._matters(pending[task]) else free).append(task)
        if free:
            return free[int(self._random() * len(free))]
        meant: int = self._draw({task: max(self._left.get(task, 0), LEAST) for task in stopped})
        self._meant = meant
        return meant

    def _matters(self, operation: Operation) -> bool:
        targets = self._cache.get(operation)
        if targets is None:
            if len(self._cache) > CACHED:
                self._cache.clear()
            targets = self._cache[operation] = _targets(operation)
        return self._target in targets

    def _weights(self, pending: Mapping[int, Operation]) -> dict[int, float]:
        """Return the steps left to each task; whoever has more than was foreseen keeps a chance."""
        present = self._present
        present.update(pending)
        weights = {task: left for task, left in self._left.items() if task in pending or task not in present}
        for task, operation in pending.items():
            if weights.get(task, 0) < LEAST and self._matters(operation):
                weights[task] = LEAST
        return weights

    def _draw(self, weights: Mapping[Any, float]) -> Any:
        at = self._random() * sum(weights.values())
        chosen: Any = NOBODY
        for each, weight in weights.items():
            chosen = each
            at -= weight
            if at < 0:
                break
        return chosen

    def widened(self) -> None:
        self._runs = 0  # new places: the next run is a profile again

    def pick(self, options: int) -> int:
        return int(self._random() * options)


def _weight(counts: Mapping[int, float]) -> float:
    """Return how often an object is to be drawn: the more steps there are, the less one walk shows of their orders.

    So code that is watched too, and is busy elsewhere, takes few runs away.
    """
    return 1 / math.sqrt(max(sum(counts.values()), FEW))


def _targets(operation: Operation) -> tuple[object, ...]:
    """What an operation is an interesting step of: each object it touches, and all of their kind."""
    if operation[0] in FORCED:
        return ()
    found: list[object] = []
    for key, _ in operation[1] or ():
        pair: tuple[object, object] = key if type(key) is tuple and len(key) == 2 else (key, key)
        kind = "sync" if pair[0] == "sync" else pair[1]
        found += [each for each in (key, kind) if each not in found]
    return tuple(found)
