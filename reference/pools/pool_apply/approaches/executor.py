"""The younger pool, an executor, with one job for each order."""

import os
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple


class Key(NamedTuple):
    pid: int
    made: object = None
    error: BaseException | None = None


def attempt(cut, order):
    args, kwds = order
    try:
        return cut(*args, **kwds), None, os.getpid()
    except BaseException as error:
        return None, error, os.getpid()


def cut_all(context, benches, cut, orders):
    with ProcessPoolExecutor(benches, mp_context=context) as pool:
        futures = [pool.submit(attempt, cut, order) for order in orders]
    return [Key(pid, made, error) for made, error, pid in (future.result() for future in futures)]


def collect(tickets, seconds=None):
    if seconds is not None:
        seconds += time.monotonic()
    for ticket in tickets.values():
        if seconds is None:
            ticket.wait()
        elif seconds > time.monotonic():
            ticket.wait(seconds - time.monotonic())
    found = {}
    for name, ticket in tickets.items():
        found[name] = "unfinished", None
        if ticket.ready() and ticket.successful():
            found[name] = "made", ticket.get()
        elif ticket.ready():
            try:
                ticket.get()
            except BaseException as error:
                found[name] = "failed", error
    return found
