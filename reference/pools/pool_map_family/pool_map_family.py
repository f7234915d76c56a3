"""Five customers of a darkroom: the worked solution.

The pool has a method for each of them; only the size of the bundles has to be said, and nobody calls back for
nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing.pool import Pool
from typing import Any, TypeVar

Film = TypeVar("Film")
Print = TypeVar("Print")


def album(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film], bundle: int = 1) -> list[Print]:
    """Return all, in order; carry films over in bundles."""
    return pool.map(develop, films, bundle)


def in_turn(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film]) -> Iterator[Print]:
    """Give out each as soon as it and all before it are ready."""
    return pool.imap(develop, films)


def as_ready(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film]) -> Iterator[Print]:
    """Give out each as soon as it is ready."""
    return pool.imap_unordered(develop, films)


def mixed(pool: Pool, develop: Callable[..., Print], rows: Iterable[tuple[Any, ...]], bundle: int = 1) -> list[Print]:
    """Return all, in order; each row has the arguments of a call."""
    return pool.starmap(develop, rows, bundle)


def later(
    pool: Pool,
    develop: Callable[[Film], Print],
    films: Iterable[Film],
    call: Callable[[list[Print]], object],
    complain: Callable[[BaseException], object],
) -> None:
    """Return at once; call when all are ready, or complain."""
    films = list(films)
    if films:
        pool.map_async(develop, films, chunksize=1, callback=call, error_callback=complain)
    else:
        call([])
