"""The sledge race with semaphores and a lock alone."""

from collections.abc import Callable
from multiprocessing.context import BaseContext
from typing import Any

Name = Any


def start_together(
    context: BaseContext,
    names: list[Name],
    prepare: Callable[[Name], object],
    signal: Callable[[], object],
    run: Callable[[Name], object],
) -> None:
    """Take a permit of each, give a permit to each."""
    ready, go = context.Semaphore(0), context.Semaphore(0)
    processes = [context.Process(target=_start_with_all, args=(name, prepare, run, ready, go)) for name in names]
    for process in processes:
        process.start()
    for _ in names:
        ready.acquire()
    signal()
    for _ in names:
        go.release()
    for process in processes:
        process.join()


def _start_with_all(name: Name, prepare: Any, run: Any, ready: Any, go: Any) -> None:
    prepare(name)
    ready.release()
    go.acquire()
    run(name)


def on_lanes(context: BaseContext, names: list[Name], lanes: int, run: Callable[[Name], object]) -> list[int | None]:
    """Take the lane before the child is started; the child gives it back."""
    free, processes = context.Semaphore(lanes), []
    for name in names:
        free.acquire()
        process = context.Process(target=_run_on_lane, args=(name, run, free))
        process.start()
        processes.append(process)
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def _run_on_lane(name: Name, run: Any, free: Any) -> None:
    try:
        run(name)
    finally:
        free.release()


def first_back(
    context: BaseContext,
    names: list[Name],
    places: int,
    run: Callable[[Name], object],
    cheer: Callable[[list[Name]], object],
) -> None:
    """Write the rank of each under the lock of the ranks; a permit says that there is one more."""
    ranks, back = context.Array("i", len(names)), context.Semaphore(0)
    processes = [
        context.Process(target=_run_and_report, args=(index, names[index], run, ranks, back))
        for index in range(len(names))
    ]
    for process in processes:
        process.start()
    for _ in range(places):
        back.acquire()
    ranked = {rank: index for index, rank in enumerate(ranks[:])}
    cheer([names[ranked[rank]] for rank in range(1, places + 1)])
    for process in processes:
        process.join()


def _run_and_report(index: int, name: Name, run: Any, ranks: Any, back: Any) -> None:
    run(name)
    with ranks.get_lock():
        ranks[index] = max(ranks[:]) + 1
    back.release()
