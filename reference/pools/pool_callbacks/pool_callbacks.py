"""Breakfast after waking up: the worked solution.

A callback only hands on: it starts a meal in another thread, and says that it has. When as many meals have begun as
there are guests, no result is missing, and the pool may end; the futures keep what was raised at the tables.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.context import BaseContext
from queue import SimpleQueue
from typing import TypeVar

Guest = TypeVar("Guest")
Mood = TypeVar("Mood")
Served = TypeVar("Served")


def wake_all(
    context: BaseContext,
    porters: int,
    wake: Callable[[Guest], Mood],
    guests: Iterable[Guest],
    breakfast: Callable[[Guest, Mood], Served],
    apologise: Callable[[Guest, BaseException], Served],
) -> list[Served]:
    """Wake all guests in processes; serve each one here as soon as he is awake; return in order what came of it."""
    guests = list(guests)
    begun: SimpleQueue[tuple[int, Future[Served]]] = SimpleQueue()
    tables = ThreadPoolExecutor(len(guests) or 1)

    def serve(place: int, meal: Callable[..., Served], result: object) -> None:
        begun.put((place, tables.submit(meal, guests[place], result)))

    with tables, context.Pool(porters) as pool:
        for place, guest in enumerate(guests):
            pool.apply_async(
                wake,
                (guest,),
                callback=partial(serve, place, breakfast),
                error_callback=partial(serve, place, apologise),
            )
        meals = dict(begun.get() for _ in guests)
    return [meals[place].result() for place in range(len(guests))]
