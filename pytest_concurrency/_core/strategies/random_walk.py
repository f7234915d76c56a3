"""Random walk: every runnable task is equally likely at every step."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class RandomWalk(Strategy):
    """Choose uniformly among the runnable tasks, with a seed."""

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed).random

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        return runnable[int(self._random() * len(runnable))]

    def pick(self, options: int) -> int:
        return int(self._random() * options)
