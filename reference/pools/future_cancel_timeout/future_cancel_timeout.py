"""Closing time: the worked solution.

`exception` returns what the job has raised and raises what the future has to say: nobody mixes them up.
What `cancel` answers is true at that moment, and for ever.
"""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

Dish = TypeVar("Dish")


def ask(order: Future[Any], seconds: float | None = None) -> tuple[str, Any]:
    """Return "served", "failed", "called off" or "not yet", and the value or the exception."""
    try:
        error = order.exception(seconds)
    except TimeoutError:
        return "not yet", None
    except CancelledError:
        return "called off", None
    return ("served", order.result()) if error is None else ("failed", error)


def call_off(orders: list[Future[Any]]) -> list[Future[Any]]:
    """Call off what has not begun; return those that never begin."""
    return [order for order in orders if order.cancel()]


def evening(cook: Callable[[Dish], object], dishes: list[Dish], cooks: int, seconds: float) -> list[tuple[str, Any]]:
    """Cook until closing time; return what came of each dish."""
    with ThreadPoolExecutor(cooks) as pool:
        orders = [pool.submit(cook, dish) for dish in dishes]
        wait(orders, timeout=seconds)
        pool.shutdown(cancel_futures=True)
    return [ask(order) for order in orders]
