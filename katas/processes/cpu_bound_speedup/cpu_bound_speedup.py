"""The pebble counters: the same work three ways, and how long it takes. The contract is in README.md."""

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.context import BaseContext
from typing import Any

Count = Callable[[Any], Any]
CountAll = Callable[[Count, Iterable[Any]], list[Any]]
Team = AbstractContextManager[CountAll]


def alone() -> Team:
    """Return a team of one, the caller."""
    raise NotImplementedError


def threads(workers: int) -> Team:
    """Return a team of threads."""
    raise NotImplementedError


def processes(context: BaseContext, workers: int) -> Team:
    """Return a team of processes."""
    raise NotImplementedError


def measure(
    team: Team,
    count: Count,
    pieces: Sequence[Any],
    at_least: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return how many seconds the team needs for all pieces, without its coming and going."""
    raise NotImplementedError
