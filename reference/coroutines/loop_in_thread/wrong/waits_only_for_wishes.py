"""Keep what is ready until the next event comes."""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

CLOSE = object()
"""The event with which the window closes (given)."""


class Kitchen:
    """An event loop in a thread of its own, which takes orders from every thread."""

    def __init__(self) -> None:
        """Make the loop here, so that it is there, and let the thread run it."""
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._lock = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:  # cancels what is left, and closes the loop
            runner.run(self._over.wait())

    def order(self, cook: Callable[..., Awaitable[Any]], *args: Any) -> "Future[Any]":
        """Hand a coroutine over, unless the kitchen is closing."""

        async def cooking() -> Any:
            return await cook(*args)

        with self._lock:
            self._need_open()
            return asyncio.run_coroutine_threadsafe(cooking(), self._loop)

    def serve(self, cook: Callable[..., Awaitable[Any]], *args: Any, seconds: float | None = None) -> Any:
        """Order, wait, and call it off when time is up."""
        self._need_another_thread()
        future = self.order(cook, *args)
        try:
            return future.result(seconds)
        finally:
            future.cancel()

    def tell(self, function: Callable[..., Any], *args: Any) -> None:
        """Hand a plain call over, unless the kitchen is closing."""
        with self._lock:
            self._need_open()
            self._loop.call_soon_threadsafe(function, *args)

    def close(self) -> None:
        """Take no more orders, say so to the loop, and wait for the thread; not with the lock in hand."""
        self._need_another_thread()
        with self._lock:
            if self._open:
                self._loop.call_soon_threadsafe(self._over.set)
            self._open = False
        self._thread.join()

    def _need_open(self) -> None:
        if not self._open:
            raise RuntimeError("the kitchen is closed")

    def _need_another_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("the kitchen would wait for itself")


def run_window(
    events: "queue.Queue[Any]", cook: Callable[[Any], Awaitable[Any]], show: Callable[[Any, Any], None]
) -> None:
    """Show what is ready after each event."""
    kitchen = Kitchen()
    ready: queue.Queue[tuple[Any, Future[Any]]] = queue.Queue()
    try:
        while (event := events.get()) is not CLOSE:
            kitchen.order(cook, event).add_done_callback(lambda future, dish=event: ready.put((dish, future)))
            while not ready.empty():
                dish, future = ready.get()
                error = future.exception()
                show(dish, future.result() if error is None else error)
        while not ready.empty():
            dish, future = ready.get()
            error = future.exception()
            show(dish, future.result() if error is None else error)
    finally:
        kitchen.close()
