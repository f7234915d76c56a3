"""The pebble counters with the pools of multiprocessing, of threads and of processes."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from multiprocessing.context import BaseContext
from multiprocessing.pool import Pool, ThreadPool
from typing import Any

Count = Callable[[Any], Any]
CountAll = Callable[[Count, Iterable[Any]], list[Any]]
Team = AbstractContextManager[CountAll]


def alone() -> Team:
    """Map it here."""
    return nullcontext(lambda count, pieces: list(map(count, pieces)))


def threads(workers: int) -> Team:
    """A pool that is no pool of processes, in spite of its class."""
    return _team(lambda: ThreadPool(workers))


def processes(context: BaseContext, workers: int) -> Team:
    """A pool of the context."""
    return _team(lambda: context.Pool(workers))


@contextmanager
def _team(make: Callable[[], Pool]) -> Iterator[CountAll]:
    pool = make()
    try:
        with closing(pool):
            yield lambda count, pieces: pool.map(count, pieces, chunksize=1)
    finally:
        pool.join()


def measure(
    team: Team,
    count: Count,
    pieces: Sequence[Any],
    at_least: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Keep the length of each call."""
    lengths: list[float] = []
    with team as count_all:
        count_all(count, pieces)
        while not lengths or sum(lengths) < at_least:
            began = clock()
            count_all(count, pieces)
            lengths.append(clock() - began)
    return sum(lengths) / len(lengths)
