"""Waits for whoever ends next, and knows at each moment who is still there."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from multiprocessing import Process
from multiprocessing.connection import wait
from multiprocessing.synchronize import Lock


def stop(watchman: Process, grace: float) -> int | None:
    """Ask a process to end, make it end when the grace is over, and return its exit code."""
    if watchman.pid is None:
        return None
    watchman.terminate()
    if not wait([watchman.sentinel], grace):
        watchman.kill()
    watchman.join()
    return watchman.exitcode


def stop_all(watchmen: Sequence[Process], grace: float) -> list[int | None]:
    """Stop all of them, within one grace; return their exit codes."""
    there = {watchman.sentinel: watchman for watchman in watchmen if watchman.pid is not None}
    for watchman in there.values():
        watchman.terminate()
    began = time.monotonic()
    while there and (gone := wait(list(there), max(0, began + grace - time.monotonic()))):
        for sentinel in gone:
            there.pop(sentinel).join()
    for watchman in there.values():
        watchman.kill()
        watchman.join()
    return [watchman.exitcode for watchman in watchmen]


def stop_safely(watchman: Process, key: Lock, grace: float) -> int | None:
    """Stop a process that takes a key now and then, while it has not got it."""
    key.acquire()
    try:
        return stop(watchman, grace)
    finally:
        key.release()


def on_duty(watch: Callable[..., object], *args: object, grace: float) -> "Duty":
    """Return a context in which a process runs, and after which it does not."""
    return Duty(Process(target=watch, args=args), grace)


class Duty(ExitStack):
    """The time for which somebody watches."""

    def __init__(self, watchman: Process, grace: float) -> None:
        """Begin later."""
        super().__init__()
        self.watchman, self.grace = watchman, grace

    def __enter__(self) -> Process:  # type: ignore[override]
        """Begin."""
        self.watchman.start()
        self.callback(stop, self.watchman, self.grace)
        return self.watchman
