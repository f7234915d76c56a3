"""What a task lets the system do without being under control: it is short, or waits for what always comes."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing.resource_tracker
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._machine.patches import Patches


@contextlib.contextmanager
def uncontrolled() -> Iterator[None]:
    """Let what the body calls be real."""
    task = here.task
    if task is not None:
        task.begins_work()
    here.become(None)
    try:
        yield
    finally:
        here.become(task)
        if task is not None:
            task.has_worked()


def tracker_is_free(patches: Patches) -> None:
    """Let the bookkeeping of semaphores and memory be no part of a run: it has a process and a lock of its own."""
    tracker: Any = multiprocessing.resource_tracker.ResourceTracker
    for name in ("register", "unregister", "ensure_running"):
        patches.set(tracker, name, _free(getattr(tracker, name)))
    ours = multiprocessing.resource_tracker._resource_tracker
    for name in ("register", "unregister", "ensure_running"):
        patches.set(multiprocessing.resource_tracker, name, getattr(ours, name))


def _free(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with uncontrolled():
            return function(*args, **kwargs)

    return call
