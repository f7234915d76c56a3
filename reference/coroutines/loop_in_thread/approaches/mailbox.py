"""The kitchen with a mailbox: one coroutine takes what the threads put in, in a TaskGroup of its own."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError, Future
from typing import Any

CLOSE = object()
"""The event with which the window closes (given)."""


class Kitchen(threading.Thread):
    """A thread that is a kitchen: a mailbox under one lock, and a bell that wakes its loop."""

    def __init__(self) -> None:
        """Start, and wait for the bell."""
        super().__init__()
        self._mail: deque[Callable[[], Any]] = deque()
        self._lock = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = False
        self.start()
        with self._lock:
            self._lock.wait_for(lambda: self._loop is not None)

    def run(self) -> None:
        """Run the loop."""
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._bell = asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._lock.notify_all()
        self._cooks: dict[asyncio.Task[None], asyncio.Task[Any]] = {}
        while self._letters():
            await self._bell.wait()
            self._bell.clear()
        for inner in self._cooks.values():  # a watcher who is cancelled before he begins would watch nothing
            inner.cancel()
        await asyncio.gather(*self._cooks)

    def _letters(self) -> bool:
        """Do what the letters say; return whether the kitchen goes on."""
        with self._lock:
            letters = list(self._mail)
            self._mail.clear()
            goes_on = not self._closing
        for letter in letters:
            try:
                letter()
            except Exception as error:
                asyncio.get_running_loop().call_exception_handler({"message": "a call failed", "exception": error})
        return goes_on

    def _post(self, letter: Callable[[], Any]) -> None:
        with self._lock:
            if self._closing:
                raise RuntimeError("closed")
            self._mail.append(letter)
            self._ring()

    def _ring(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._bell.set)

    def tell(self, function: Callable[..., Any], *args: Any) -> None:
        """Post a call."""
        self._post(lambda: function(*args))

    def order(self, cook: Callable[..., Awaitable[Any]], *args: Any) -> "Future[Any]":
        """Post the making of a task."""
        future: Future[Any] = Future()
        self._post(lambda: self._begin(future, cook, args))
        return future

    def _begin(self, future: "Future[Any]", cook: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> None:
        inner = asyncio.ensure_future(self._cook(cook, args))
        watcher = asyncio.ensure_future(self._watch(inner, future))
        self._cooks[watcher] = inner
        watcher.add_done_callback(self._cooks.pop)
        loop = asyncio.get_running_loop()

        def call_off(future: "Future[Any]") -> None:
            with self._lock:
                if future.cancelled() and not loop.is_closed():
                    loop.call_soon_threadsafe(inner.cancel)

        future.add_done_callback(call_off)

    async def _cook(self, cook: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> Any:
        return await cook(*args)

    async def _watch(self, inner: "asyncio.Task[Any]", future: "Future[Any]") -> None:
        await asyncio.wait([inner])
        if inner.cancelled():
            future.cancel()
        if future.set_running_or_notify_cancel():
            error = inner.exception()
            future.set_result(inner.result()) if error is None else future.set_exception(error)

    def serve(self, cook: Callable[..., Awaitable[Any]], *args: Any, seconds: float | None = None) -> Any:
        """Let the loop itself look at the clock."""
        self._no_cook_here()

        async def in_time() -> Any:
            found: tuple[bool, Any]
            try:
                async with asyncio.timeout(seconds) as limit:
                    found = True, await cook(*args)
            except (Exception, asyncio.CancelledError) as error:
                found = False, error
            if limit.expired():  # also when the cook has made something of being called off
                raise TimeoutError
            return found

        well, result = self.order(in_time).result()
        if well:
            return result
        raise CancelledError if isinstance(result, asyncio.CancelledError) else result

    def _no_cook_here(self) -> None:
        if threading.current_thread() is self:
            raise RuntimeError("not in the kitchen")

    def close(self) -> None:
        """Ring for the last time, and wait."""
        self._no_cook_here()
        with self._lock:
            if not self._closing:
                self._closing = True
                self._ring()
        self.join()


def run_window(
    events: "queue.Queue[Any]", cook: Callable[[Any], Awaitable[Any]], show: Callable[[Any, Any], None]
) -> None:
    """Have each cook put what he has made into the queue himself; a dish that is ready is a key of a dictionary."""
    ready: dict[object, tuple[Any, Any]] = {}

    async def cook_and_put(dish: Any) -> None:
        try:
            result = await cook(dish)
        except Exception as error:
            result = error
        bell = object()
        ready[bell] = dish, result
        bells.append(bell)
        events.put(bell)

    bells: list[object] = []
    kitchen = Kitchen()
    try:
        while True:
            event = events.get()
            if event is CLOSE:
                return
            if any(event is bell for bell in bells):
                show(*ready.pop(event))
            else:
                kitchen.order(cook_and_put, event)
    finally:
        kitchen.close()
