"""Breakfast after waking up: who hears of a result, and where. The contract is in README.md."""

from collections.abc import Callable, Iterable
from multiprocessing.context import BaseContext
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
    raise NotImplementedError
