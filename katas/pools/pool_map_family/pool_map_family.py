"""Five customers of a darkroom: the same work, five ways to have it. The contract is in README.md."""

from collections.abc import Callable, Iterable, Iterator
from multiprocessing.pool import Pool
from typing import Any, TypeVar

Film = TypeVar("Film")
Print = TypeVar("Print")


def album(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film], bundle: int = 1) -> list[Print]:
    """Return all, in order; carry films over in bundles."""
    raise NotImplementedError


def in_turn(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film]) -> Iterator[Print]:
    """Give out each as soon as it and all before it are ready."""
    raise NotImplementedError


def as_ready(pool: Pool, develop: Callable[[Film], Print], films: Iterable[Film]) -> Iterator[Print]:
    """Give out each as soon as it is ready."""
    raise NotImplementedError


def mixed(pool: Pool, develop: Callable[..., Print], rows: Iterable[tuple[Any, ...]], bundle: int = 1) -> list[Print]:
    """Return all, in order; each row has the arguments of a call."""
    raise NotImplementedError


def later(
    pool: Pool,
    develop: Callable[[Film], Print],
    films: Iterable[Film],
    call: Callable[[list[Print]], object],
    complain: Callable[[BaseException], object],
) -> None:
    """Return at once; call when all are ready, or complain."""
    raise NotImplementedError
