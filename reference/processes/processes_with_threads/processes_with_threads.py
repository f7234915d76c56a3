"""The translators: a worked solution.

Each letter that was fetched lies down on the desk by itself. `as_completed` would give those first, in any order,
that were there when it was asked.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from queue import SimpleQueue
from typing import Any

Function = Callable[[Any], Any]


def run_jobs(
    context: BaseContext, jobs: list[Any], rooms: int, messengers: int, fetch: Function, compute: Function
) -> list[Any]:
    """Start all rooms, read what each sends, join all."""
    opened = []
    for number in range(min(rooms, len(jobs))):
        here, there = context.Pipe(duplex=False)
        room = context.Process(target=_work, args=(there, jobs[number::rooms], messengers, fetch, compute))
        room.start()
        there.close()
        opened.append((here, room))
    found: list[Any] = [None] * len(jobs)
    for number, (here, room) in enumerate(opened):
        with here:
            found[number::rooms] = here.recv()
        room.join()
    return found


def _work(end: Connection, jobs: list[Any], messengers: int, fetch: Function, compute: Function) -> None:
    results: list[Any] = [None] * len(jobs)
    desk: SimpleQueue[Future[Any]] = SimpleQueue()
    with ThreadPoolExecutor(messengers) as pool:
        places = {_send(pool, desk, fetch, job): place for place, job in enumerate(jobs)}
        for fetched in (desk.get() for _ in places):
            try:
                results[places[fetched]] = compute(fetched.result())
            except Exception as error:
                results[places[fetched]] = error
    end.send(results)


def _send(pool: ThreadPoolExecutor, desk: SimpleQueue[Future[Any]], fetch: Function, job: Any) -> Future[Any]:
    fetched = pool.submit(fetch, job)
    fetched.add_done_callback(desk.put)
    return fetched
