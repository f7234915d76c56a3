"""Closing time: ask, call off, and close. The contract is in README.md."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Dish = TypeVar("Dish")


def ask(order: Future[Any], seconds: float | None = None) -> tuple[str, Any]:
    """Return "served", "failed", "called off" or "not yet", and the value or the exception."""
    raise NotImplementedError


def call_off(orders: list[Future[Any]]) -> list[Future[Any]]:
    """Call off what has not begun; return those that never begin."""
    raise NotImplementedError


def evening(cook: Callable[[Dish], object], dishes: list[Dish], cooks: int, seconds: float) -> list[tuple[str, Any]]:
    """Cook until closing time; return what came of each dish."""
    raise NotImplementedError
