"""The observatory: the worked solution.

`map` hands everything in, keeps the order and carries bundles. What a process finds comes back only as what it
returns, so the catalogue is filled, and everybody is told, where the caller is.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed
from typing import TypeVar

Plate = TypeVar("Plate")
Stars = TypeVar("Stars")
Star = TypeVar("Star")


def survey(
    executor: Executor, count: Callable[[Plate], Stars], plates: Iterable[Plate], bundle: int = 1
) -> list[Stars]:
    """Return what `count` says of each plate, in order; carry them over in bundles."""
    return list(executor.map(count, plates, chunksize=bundle))


def announce(
    executor: Executor,
    count: Callable[[Plate], int],
    plates: Iterable[Plate],
    tell: Callable[[int, int | BaseException], object],
) -> int:
    """Tell each place and its stars as soon as they are counted; return the sum."""
    places = {executor.submit(count, plate): place for place, plate in enumerate(plates)}
    total = 0
    for future in as_completed(places):
        error = future.exception()
        if error is None:
            total += future.result()
        tell(places[future], future.result() if error is None else error)
    return total


def catalogue(
    executor: Executor, find: Callable[[Plate], list[Star]], plates: Iterable[Plate]
) -> dict[Star, list[int]]:
    """Return for each star on which places it is."""
    found: dict[Star, list[int]] = {}
    for place, stars in enumerate(executor.map(find, plates)):
        for star in stars:
            found.setdefault(star, []).append(place)
    return found
