"""The kitchen behind the window: a loop beside a program that has the main thread. The contract is in README.md."""

import queue
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

CLOSE = object()
"""The event with which the window closes (given)."""


class Kitchen:
    """An event loop in a thread of its own, which takes orders from every thread."""

    def __init__(self) -> None:
        """Open: start the thread; when this returns, orders are taken."""
        raise NotImplementedError

    def order(self, cook: Callable[..., Awaitable[Any]], *args: Any) -> "Future[Any]":
        """Let the loop run `cook(*args)`; return at once a future of what it returns or raises."""
        raise NotImplementedError

    def serve(self, cook: Callable[..., Awaitable[Any]], *args: Any, seconds: float | None = None) -> Any:
        """Order, and wait for it, at most so many seconds."""
        raise NotImplementedError

    def tell(self, function: Callable[..., Any], *args: Any) -> None:
        """Let the loop call the plain function; return at once."""
        raise NotImplementedError

    def close(self) -> None:
        """Call off what is still cooked, stop and close the loop, and end the thread."""
        raise NotImplementedError


def run_window(
    events: "queue.Queue[Any]", cook: Callable[[Any], Awaitable[Any]], show: Callable[[Any, Any], None]
) -> None:
    """Take dishes from `events`, have them cooked, and show each here when it is ready, until CLOSE comes."""
    raise NotImplementedError
