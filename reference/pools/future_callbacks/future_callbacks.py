"""The regatta: the worked solution.

A callback does one short thing: it notes who is in. All that takes time, or may fail, is done by who reads the notes.
"""

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Boat = TypeVar("Boat")


def arrivals(futures: list[Future[Any]]) -> Iterator[Future[Any]]:
    """Give out each future when it is done, in the order in which they end."""
    came_in: queue.SimpleQueue[Future[Any]] = queue.SimpleQueue()
    for future in futures:
        future.add_done_callback(came_in.put)
    return (came_in.get() for _ in futures)


def regatta(
    sail: Callable[[Boat], object], boats: list[Boat], crews: int, cheer: Callable[[Boat, object], object]
) -> list[object]:
    """Sail all boats, cheer for each when it is in; return the outcomes in the order of the boats."""
    errors: list[BaseException] = []
    with ThreadPoolExecutor(crews) as pool:
        under_way = {pool.submit(sail, boat): boat for boat in boats}
        for future in arrivals([*under_way]):
            try:
                cheer(under_way[future], outcome(future))
            except BaseException as error:
                errors.append(error)
    if errors:
        raise errors[0]
    return [outcome(future) for future in under_way]


def outcome(future: Future[Any]) -> object:
    """Return what came of a boat: an exception, or what was returned."""
    error = future.exception()
    return future.result() if error is None else error
