"""The archive: the worked solution.

Each consumer takes items until it finds the end, which is a `None`: one for each of them, behind the last item, also
if there is a last item only because asking for the next one has failed. An item travels in a pair with its place. As
many results are taken as items were given out, before anybody is joined: a process whose results nobody takes does not
end.
"""

import multiprocessing
from collections.abc import Callable, Iterable

Item = object
Result = object


def share(items: Iterable[Item], consumers: int, work: Callable[[Item], Result]) -> list[Result]:
    """Let so many processes do the work; return in order what came of each item."""
    shelf, done = multiprocessing.Queue(), multiprocessing.Queue()
    processes = [multiprocessing.Process(target=_consume, args=(shelf, done, work)) for _ in range(consumers)]
    for process in processes:
        process.start()
    given = 0
    try:
        for item in items:
            shelf.put((given, item))
            given += 1
    finally:
        for _ in processes:
            shelf.put(None)
        results = dict(done.get() for _ in range(given))
        for process in processes:
            process.join()
    return [results[place] for place in range(given)]


def _consume(shelf, done, work) -> None:
    while (pair := shelf.get()) is not None:
        place, item = pair
        done.put((place, work(item)))
