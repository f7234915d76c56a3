"""A thread for each process that is to be stopped: each waits for its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import Process
from multiprocessing.synchronize import Lock


def stop(watchman: Process, grace: float) -> int | None:
    """Ask a process to end, make it end when the grace is over, and return its exit code."""
    if watchman.pid is not None:
        watchman.terminate()
        watchman.join(grace)
        if watchman.exitcode is None:
            watchman.kill()
            watchman.join()
    return watchman.exitcode


def stop_all(watchmen: Sequence[Process], grace: float) -> list[int | None]:
    """Stop all of them, within one grace; return their exit codes."""
    with ThreadPoolExecutor(len(watchmen) or 1) as captains:
        return list(captains.map(stop, watchmen, [grace] * len(watchmen)))


def stop_safely(watchman: Process, key: Lock, grace: float) -> int | None:
    """Stop a process that takes a key now and then, while it has not got it."""
    with key:
        return stop(watchman, grace)


@contextmanager
def on_duty(watch: Callable[..., object], *args: object, grace: float) -> Iterator[Process]:
    """Return a context in which a process runs, and after which it does not."""
    watchman = Process(target=watch, args=args)
    try:
        watchman.start()
        yield watchman
    finally:
        stop(watchman, grace)
