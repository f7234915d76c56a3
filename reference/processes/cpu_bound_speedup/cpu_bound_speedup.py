"""The pebble counters: a worked solution."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.context import BaseContext
from typing import Any

Count = Callable[[Any], Any]
CountAll = Callable[[Count, Iterable[Any]], list[Any]]
Team = AbstractContextManager[CountAll]


@contextmanager
def alone() -> Iterator[CountAll]:
    """Call it here."""
    yield lambda count, pieces: [count(piece) for piece in pieces]


def threads(workers: int) -> Team:
    """Take an executor of threads."""
    return _team(ThreadPoolExecutor(workers))


def processes(context: BaseContext, workers: int) -> Team:
    """Take an executor of processes."""
    return _team(ProcessPoolExecutor(workers, mp_context=context))


@contextmanager
def _team(executor: Executor) -> Iterator[CountAll]:
    with executor:
        yield lambda count, pieces: list(executor.map(count, pieces))


def measure(
    team: Team,
    count: Count,
    pieces: Sequence[Any],
    at_least: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Call once for nothing, then until it has taken long enough."""
    with team as count_all:
        count_all(count, pieces)
        began, calls, took = clock(), 0, 0.0
        while not calls or took < at_least:
            count_all(count, pieces)
            calls += 1
            took = clock() - began
    return took / calls
