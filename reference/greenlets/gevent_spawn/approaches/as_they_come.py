"""The snail race: `iwait` hands over whoever has ended."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gevent

Note = Callable[[str, Any], object]
Snail = tuple[Callable[..., object], Sequence[Any], Mapping[str, Any]]


def creep(name: str, steps: int, note: Note) -> None:
    """Come back behind those who are ready: even the shortest sleep may be over before they are."""
    for step in range(1, steps + 1):
        note(name, step)
        gevent.sleep()


def nap(name: str, seconds: float, note: Note) -> None:
    """Join somebody who sleeps."""
    note(name, "asleep")
    gevent.spawn_later(seconds, int).join()
    note(name, "awake")


def race(snails: Iterable[Snail]) -> list[int]:
    """Know the greenlets by their numbers."""
    numbers = {gevent.spawn(function, *args, **kwargs): n for n, (function, args, kwargs) in enumerate(snails)}
    return [numbers[ended] for ended in gevent.iwait(list(numbers)) if ended.successful()]
