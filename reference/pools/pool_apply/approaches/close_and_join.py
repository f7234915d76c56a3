"""`close` and `join` in their place, `terminate` for the worst case; `get` with what is left of the time."""

import multiprocessing
import os
import time
from typing import NamedTuple


class Key(NamedTuple):
    pid: int
    made: object = None
    error: BaseException | None = None


class AtTheBench:
    def __init__(self, cut):
        self.cut = cut

    def __call__(self, *args, **kwds):
        made = error = None
        try:
            made = self.cut(*args, **kwds)
        except BaseException as raised:
            error = raised
        return Key(os.getpid(), made, error)


def cut_all(context, benches, cut, orders):
    pool = context.Pool(processes=benches)
    try:
        tickets = [pool.apply_async(AtTheBench(cut), *order) for order in orders]
        pool.close()
    except BaseException:
        pool.terminate()
        raise
    finally:
        pool.join()
    return [ticket.get() for ticket in tickets]


def collect(tickets, seconds=None):
    began, found = time.monotonic(), dict.fromkeys(tickets)
    for name, ticket in tickets.items():
        left = None if seconds is None else max(0, began + seconds - time.monotonic())
        try:
            found[name] = "made", ticket.get(left)
        except multiprocessing.TimeoutError as error:
            found[name] = ("failed", error) if ticket.ready() else ("unfinished", None)
        except BaseException as error:
            found[name] = "failed", error
    for name, ticket in tickets.items():
        if found[name] == ("unfinished", None) and ticket.ready():
            found |= collect({name: ticket}, 0)
    return found
