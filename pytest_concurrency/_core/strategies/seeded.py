"""What guided random walks share: a source of chance of its own for each run."""

from __future__ import annotations

import random

from pytest_concurrency._core.strategy import Strategy


class Seeded(Strategy):
    """A random walk whose n-th run is the same for equal seeds, whatever the runs before it have drawn.

    Args:
        seed: Makes it repeatable.
    """

    every_step = True

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._runs = 0

    def start_run(self) -> bool:
        self._random = random.Random(self._seed * 1_000_003 + self._runs)
        self._runs += 1
        return True

    def pick(self, options: int) -> int:
        return self._random.randrange(options)
