"""Twenty keys, five benches: cut, and collect. The contract is in README.md."""

from collections.abc import Callable, Iterable, Mapping
from multiprocessing.context import BaseContext
from multiprocessing.pool import AsyncResult
from typing import Any, NamedTuple

Order = tuple[tuple[Any, ...], dict[str, Any]]


class Key(NamedTuple):
    """Who has cut it, what came out, or what went wrong. This is given."""

    pid: int
    made: object = None
    error: BaseException | None = None


def cut_all(context: BaseContext, benches: int, cut: Callable[..., object], orders: Iterable[Order]) -> list[Key]:
    """Cut all keys in so many processes; return them in order."""
    raise NotImplementedError


def collect(tickets: Mapping[str, AsyncResult[Any]], seconds: float | None = None) -> dict[str, tuple[str, object]]:
    """Wait for all tickets, so many seconds in all; return what became of each."""
    raise NotImplementedError
