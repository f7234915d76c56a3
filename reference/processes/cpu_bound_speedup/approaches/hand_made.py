"""The pebble counters with a line to each worker: whoever answers gets the next piece."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from threading import Thread
from typing import Any

Count = Callable[[Any], Any]
CountAll = Callable[[Count, Iterable[Any]], list[Any]]
Team = AbstractContextManager[CountAll]


@contextmanager
def alone() -> Iterator[CountAll]:
    """Call it here."""

    def count_all(count: Count, pieces: Iterable[Any]) -> list[Any]:
        return [count(piece) for piece in pieces]

    yield count_all


def threads(workers: int) -> Team:
    """Threads at the other end of each line; what goes through it is a place in a list, nothing is sent."""
    return _team(Thread, workers)


def processes(context: BaseContext, workers: int) -> Team:
    """Processes at the other end."""
    return _team(context.Process, workers)


@contextmanager
def _team(make: Any, workers: int) -> Iterator[CountAll]:
    running = []
    for _ in range(workers):
        here, there = Pipe()
        worker = make(target=_work, args=(there,))
        worker.start()
        running.append((here, worker))
    lines = [here for here, _ in running]
    try:
        yield lambda count, pieces: _deal(lines, count, pieces)
    finally:
        for line in lines:
            line.send(None)
        for _, worker in running:
            worker.join()
        for line in lines:
            line.close()


def _deal(lines: list[Any], count: Count, pieces: Iterable[Any]) -> list[Any]:
    results: dict[int, Any] = {}
    errors: list[Exception] = []
    free, busy = list(lines), []

    def hear() -> None:
        for line in wait(busy):
            place, result, error = line.recv()
            results[place] = result
            errors.extend([error] if error else [])
            busy.remove(line)
            free.append(line)

    for place, piece in enumerate(pieces):
        while not free:
            hear()
        line = free.pop()
        line.send((place, count, piece))
        busy.append(line)
    while busy:
        hear()
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(results))]


def _work(line: Connection) -> None:
    while (asked := line.recv()) is not None:
        place, count, piece = asked
        try:
            line.send((place, count(piece), None))
        except Exception as error:
            line.send((place, None, error))


def measure(
    team: Team,
    count: Count,
    pieces: Sequence[Any],
    at_least: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Warm up, then measure."""
    with team as count_all:
        count_all(count, pieces)
        began = now = clock()
        calls = 0
        while calls == 0 or now - began < at_least:
            count_all(count, pieces)
            calls, now = calls + 1, clock()
    return (now - began) / calls
