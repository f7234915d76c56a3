"""Run functions side by side in threads: controlled ones inside a run, plain ones outside."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.explain import passes_a_test
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def run_together(functions: tuple[Callable[[], Any], ...]) -> list[Any]:
    """Run each function in a thread of its own, join them all, and return their results in order.

    The threads are called A, B, C and so on.

    Raises:
        Exception: What a function raised, with its traceback; an ExceptionGroup if several did, or if it was
            KeyboardInterrupt: no Ctrl-C comes in these threads.
    """
    results: list[Any] = [None] * len(functions)
    errors: list[tuple[int, BaseException]] = []

    def body(number: int, function: Callable[[], Any]) -> None:
        _raiser = "" if here.task is None else here.task.name  # is read in the traceback: an error knows no thread
        try:
            results[number] = function()
        except Unwind:
            raise
        except BaseException as error:
            errors.append((number, error))

    threads = [
        threading.Thread(target=body, args=(number, function), name=letter(number))
        for number, function in enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _raise([error for _, error in sorted(errors, key=lambda pair: pair[0])])
    return results


def letter(number: int) -> str:
    """Return the name of a thread that has no other."""
    return LETTERS[number] if number < len(LETTERS) else f"T{number}"


def _raise(errors: list[BaseException]) -> None:
    if len(errors) == 1 and isinstance(errors[0], KeyboardInterrupt):  # alone it would pass for Ctrl-C in this thread
        raise BaseExceptionGroup("a thread failed", errors)
    if len(errors) == 1:
        raise errors[0]
    if errors and all(passes_a_test(each) and not isinstance(each, KeyboardInterrupt) for each in errors):
        raise errors[0]  # each asks for the same, such as the end of the session from a debugger in each thread
    if errors:
        raise BaseExceptionGroup("several threads failed", errors)


class StuckThreadsError(AssertionError):
    """Threads of a stress run did not end in time."""


def stress(function: Callable[[], Any], *, threads: int, repeat: int, timeout: float) -> None:
    """Call a function `repeat` times in each of several real threads that start at once.

    Raises:
        Exception: The first error of the threads that failed, an ExceptionGroup if several did.
        StuckThreadsError: Some thread had not ended after `timeout` seconds.
    """
    errors: list[BaseException] = []
    gate = threading.Barrier(threads)

    def body() -> None:
        try:
            gate.wait()
            for _ in range(repeat):
                if errors:
                    return
                function()
        except BaseException as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        workers = [threading.Thread(target=body, name=f"stress-{number}", daemon=True) for number in range(threads)]
        for worker in workers:
            worker.start()
        deadline = real.monotonic() + timeout
        for worker in workers:
            worker.join(max(0.0, deadline - real.monotonic()))
    finally:
        sys.setswitchinterval(interval)
    _raise(errors)
    stuck = [worker.name for worker in workers if worker.is_alive()]
    if stuck:
        raise StuckThreadsError(f"{', '.join(stuck)} had not ended after {timeout:g} s")
