"""The laundry: the worked solution.

One pool for the life of a laundry: its threads are used again, and its futures are the tickets. To bring all and
only then to fetch is what makes the machines work at the same time.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Load = TypeVar("Load")
Washed = TypeVar("Washed")


class Laundry:
    """Machines that take one load after the other, and tickets for what was brought."""

    def __init__(self, machines: int) -> None:
        """Open, with so many machines."""
        self._pool = ThreadPoolExecutor(machines)

    def bring(self, wash: Callable[..., object], /, *args: object, **kwargs: object) -> Future[Any]:
        """Leave a load here; return a ticket."""
        return self._pool.submit(wash, *args, **kwargs)

    def is_ready(self, ticket: Future[Any]) -> bool:
        """Tell whether a load is through."""
        return ticket.done()

    def fetch(self, ticket: Future[Any]) -> Any:
        """Wait for a load; return or raise what came of it."""
        return ticket.result()

    def close(self) -> None:
        """Take no more; wait until all is through and all threads have ended."""
        self._pool.shutdown()


def wash_all(wash: Callable[[Load], Washed], loads: Iterable[Load], machines: int) -> list[Washed]:
    """Wash so many loads at a time; return in order what came of them."""
    with ThreadPoolExecutor(machines) as pool:
        futures = [pool.submit(wash, load) for load in loads]
        return [future.result() for future in futures]
