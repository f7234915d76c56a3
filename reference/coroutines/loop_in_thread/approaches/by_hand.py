"""The kitchen with a loop run by hand: made in its thread, with tasks and futures of our own."""

import asyncio
import contextlib
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
        """Start the thread, and wait until its loop is there."""
        self._door = threading.RLock()
        self._open = False
        self._tasks: dict[asyncio.Task[None], Future[Any]] = {}
        opened = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="kitchen")
        self._thread.start()
        opened.wait()

    def _run(self, opened: threading.Event) -> None:
        self._loop = asyncio.new_event_loop()
        self._open = True
        opened.set()
        try:
            self._loop.run_forever()
            for task in list(self._tasks):
                task.cancel()
            while self._tasks:
                self._loop.run_until_complete(asyncio.wait(list(self._tasks)))
        finally:
            self._loop.close()

    def tell(self, function: Callable[..., Any], *args: Any) -> None:
        """Hand a call over while the door is open."""
        with self._door:
            if not self._open:
                raise RuntimeError("closed")
            self._loop.call_soon_threadsafe(function, *args)

    def order(self, cook: Callable[..., Awaitable[Any]], *args: Any) -> "Future[Any]":
        """Have a task made in the loop's thread."""
        future: Future[Any] = Future()
        self.tell(self._begin, future, cook, args)
        return future

    def _begin(self, future: "Future[Any]", cook: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> None:
        task = self._loop.create_task(self._cook(future, cook, args))
        self._tasks[task] = future
        task.add_done_callback(self._forget)
        future.add_done_callback(lambda _: self._call_off(task))

    async def _cook(self, future: "Future[Any]", cook: Callable[..., Awaitable[Any]], args: tuple[Any, ...]) -> None:
        error = result = None
        try:
            result = await cook(*args)
        except Exception as raised:
            error = raised
        if not future.set_running_or_notify_cancel():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(task).cancel()  # of a future that has its result this is nothing

    def _call_off(self, task: "asyncio.Task[None]") -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(task.cancel)

    def serve(self, cook: Callable[..., Awaitable[Any]], *args: Any, seconds: float | None = None) -> Any:
        """Order and wait; a timeout of the waiting is not one of the cook."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("I would wait for myself")
        future = self.order(cook, *args)
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        """Stop the loop from its own thread."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("I would wait for myself")
        with self._door:
            if self._open:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._open = False
        self._thread.join()


class _Call:
    def __init__(self, future: "Future[Any]", show: Callable[[Any], None]) -> None:
        self.future, self.show = future, show


def run_window(
    events: "queue.Queue[Any]", cook: Callable[[Any], Awaitable[Any]], show: Callable[[Any, Any], None]
) -> None:
    """Let what is ready bring its own call, to be made here."""
    kitchen = Kitchen()
    with contextlib.closing(kitchen):
        for event in iter(events.get, _Same(CLOSE)):
            if type(event) is _Call:
                event.show(event.future.exception() if event.future.exception() is not None else event.future.result())
                continue

            def show_it(result: Any, dish: Any = event) -> None:
                show(dish, result)

            def ready(future: "Future[Any]", call: Callable[[Any], None] = show_it) -> None:
                if not future.cancelled():
                    events.put(_Call(future, call))

            kitchen.order(cook, event).add_done_callback(ready)


class _Same:
    """Equal to one object alone, so that `iter` stops there."""

    def __init__(self, one: object) -> None:
        self.one = one

    def __eq__(self, other: object) -> bool:
        return other is self.one

    __hash__ = None  # type: ignore[assignment]
