"""The translators with plain threads, a queue in each room, and one queue from all rooms to the parent."""

import queue
import threading
from collections.abc import Callable, Iterator
from multiprocessing.context import BaseContext
from typing import Any

Function = Callable[[Any], Any]


def run_jobs(
    context: BaseContext, jobs: list[Any], rooms: int, messengers: int, fetch: Function, compute: Function
) -> list[Any]:
    """Read as many results as there are jobs, and put each into its place."""
    done = context.SimpleQueue()
    numbered = list(enumerate(jobs))
    running = [
        context.Process(target=_work, args=(done, numbered[room::rooms], messengers, fetch, compute))
        for room in range(rooms)
    ]
    for room in running:
        room.start()
    found = dict(done.get() for _ in jobs)
    for room in running:
        room.join()
    return [found[number] for number in range(len(jobs))]


def _work(done: Any, jobs: list[tuple[int, Any]], messengers: int, fetch: Function, compute: Function) -> None:
    desk: queue.SimpleQueue[tuple[int, Any, Exception | None]] = queue.SimpleQueue()
    left, alone = iter(jobs), threading.Lock()
    threads = [threading.Thread(target=_run_errands, args=(left, alone, fetch, desk)) for _ in range(messengers)]
    for thread in threads:
        thread.start()
    for _ in jobs:
        number, fetched, error = desk.get()
        if error is None:
            try:
                fetched = compute(fetched)
            except Exception as failure:
                error = failure
        done.put((number, fetched if error is None else error))
    for thread in threads:
        thread.join()


def _run_errands(left: Iterator[tuple[int, Any]], alone: threading.Lock, fetch: Function, desk: Any) -> None:
    while True:
        with alone:
            number, job = next(left, (-1, None))
        if number < 0:
            return
        try:
            desk.put((number, fetch(job), None))
        except Exception as error:
            desk.put((number, None, error))
