"""The night watch: the worked solution. Ask all, wait for all, kill who is left, wait again."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import Process
from multiprocessing.synchronize import Lock


def stop(watchman: Process, grace: float) -> int | None:
    """Ask a process to end, make it end when the grace is over, and return its exit code."""
    return stop_all([watchman], grace)[0]


def stop_all(watchmen: Sequence[Process], grace: float) -> list[int | None]:
    """Stop all of them, within one grace; return their exit codes."""
    started = [watchman for watchman in watchmen if watchman.pid is not None]
    for watchman in started:
        watchman.terminate()
    end = time.monotonic() + grace
    for watchman in started:
        watchman.join(max(0, end - time.monotonic()))
    for watchman in started:
        watchman.kill()
    for watchman in started:
        watchman.join()
    return [watchman.exitcode for watchman in watchmen]


def stop_safely(watchman: Process, key: Lock, grace: float) -> int | None:
    """Stop a process that takes a key now and then, while it has not got it."""
    with key:
        return stop(watchman, grace)


@contextmanager
def on_duty(watch: Callable[..., object], *args: object, grace: float) -> Iterator[Process]:
    """Return a context in which a process runs, and after which it does not."""
    watchman = Process(target=watch, args=args)
    watchman.start()
    try:
        yield watchman
    finally:
        stop(watchman, grace)
