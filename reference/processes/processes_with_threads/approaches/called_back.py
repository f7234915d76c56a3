"""The translators with futures that put themselves on the desk, and rooms that send each result when it is there."""

import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from typing import Any

Function = Callable[[Any], Any]


def run_jobs(
    context: BaseContext, jobs: list[Any], rooms: int, messengers: int, fetch: Function, compute: Function
) -> list[Any]:
    """Wait for whichever room sends next, until each has hung up."""
    opened: dict[Any, Any] = {}
    for number in range(rooms):
        here, there = context.Pipe(duplex=False)
        room = context.Process(target=_Room(jobs, fetch, compute), args=(there, messengers, number, rooms))
        room.start()
        there.close()
        opened[here] = room
    results: list[Any] = [None] * len(jobs)
    while opened:
        for line in wait(list(opened)):
            try:
                place, result = line.recv()
                results[place] = result
            except EOFError:
                line.close()
                opened.pop(line).join()
    return results


class _Room:
    def __init__(self, jobs: list[Any], fetch: Function, compute: Function) -> None:
        self.jobs, self.fetch, self.compute = jobs, fetch, compute

    def __call__(self, end: Connection, messengers: int, number: int, rooms: int) -> None:
        desk: queue.Queue[tuple[int, Future[Any]]] = queue.Queue()
        places = range(number, len(self.jobs), rooms)
        with ThreadPoolExecutor(messengers) as pool:
            for place in places:
                future = pool.submit(self.fetch, self.jobs[place])
                future.add_done_callback(lambda future, place=place: desk.put((place, future)))
            for _ in places:
                place, future = desk.get()
                end.send((place, self._computed(future)))
        end.close()

    def _computed(self, future: Future[Any]) -> Any:
        try:
            return self.compute(future.result())
        except Exception as error:
            return error
