"""Dining philosophers: everybody needs two forks, and shares both. The contract is in README.md."""

from collections.abc import Callable


def dine(seats: int, rounds: int, think: Callable[[int], object], eat: Callable[[int], object]) -> None:
    """Let all philosophers think and eat `rounds` times; neighbours never eat at the same time."""
    raise NotImplementedError
