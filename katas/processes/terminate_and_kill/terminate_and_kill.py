"""The night watch. The contract is in README.md."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from multiprocessing import Process
from multiprocessing.synchronize import Lock


def stop(watchman: Process, grace: float) -> int | None:
    """Ask a process to end, make it end when the grace is over, and return its exit code."""
    raise NotImplementedError


def stop_all(watchmen: Sequence[Process], grace: float) -> list[int | None]:
    """Stop all of them, within one grace; return their exit codes."""
    raise NotImplementedError


def stop_safely(watchman: Process, key: Lock, grace: float) -> int | None:
    """Stop a process that takes a key now and then, while it has not got it."""
    raise NotImplementedError


def on_duty(watch: Callable[..., object], *args: object, grace: float) -> AbstractContextManager[Process]:
    """Return a context in which a process runs, and after which it does not."""
    raise NotImplementedError
