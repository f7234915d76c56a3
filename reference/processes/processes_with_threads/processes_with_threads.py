"""The translators: a worked solution."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
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
    with ThreadPoolExecutor(messengers) as pool:
        places = {pool.submit(fetch, job): place for place, job in enumerate(jobs)}
        for fetched in as_completed(places):
            try:
                results[places[fetched]] = compute(fetched.result())
            except Exception as error:
                results[places[fetched]] = error
    end.send(results)
