"""Twenty keys, five benches: the worked solution.

What runs at the bench knows its process, and lets nothing out but a key, so that no job can end its process. All
tickets are made before the first is asked; when the `with` ends everything, nothing is under way any more.
"""

import os
import time
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


def at_the_bench(cut: Callable[..., object], args: tuple[Any, ...], kwds: dict[str, Any]) -> Key:
    """Cut a key, in the process in which this runs."""
    try:
        return Key(os.getpid(), cut(*args, **kwds))
    except BaseException as error:
        return Key(os.getpid(), None, error)


def cut_all(context: BaseContext, benches: int, cut: Callable[..., object], orders: Iterable[Order]) -> list[Key]:
    """Cut all keys in so many processes; return them in order."""
    with context.Pool(benches) as pool:
        tickets = [pool.apply_async(at_the_bench, (cut, args, kwds)) for args, kwds in orders]
        return [ticket.get() for ticket in tickets]


def collect(tickets: Mapping[str, AsyncResult[Any]], seconds: float | None = None) -> dict[str, tuple[str, object]]:
    """Wait for all tickets, so many seconds in all; return what became of each."""
    end = None if seconds is None else time.monotonic() + seconds
    for ticket in tickets.values():
        ticket.wait(None if end is None else max(0.0, end - time.monotonic()))
    return {name: state(ticket) for name, ticket in tickets.items()}


def state(ticket: AsyncResult[Any]) -> tuple[str, object]:
    """Return what became of a ticket."""
    if not ticket.ready():
        return "unfinished", None
    try:
        return "made", ticket.get()
    except BaseException as raised:
        return "failed", raised
