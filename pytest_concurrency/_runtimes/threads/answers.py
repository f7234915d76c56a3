"""Timed waits that tell whoever listens to their run what they have answered."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.listened import ListenedRun
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._runtimes.threads import locks

if TYPE_CHECKING:
    from pytest_concurrency._engine.listener import Listener
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches


def install(patches: Patches) -> None:
    """Let timed waits tell what they answered; inside a run only."""
    for owner, name in (
        (locks.LockDouble, "acquire"),
        (locks.RLockDouble, "acquire"),
        (threading.Semaphore, "acquire"),
        (threading.Event, "wait"),
        (threading.Condition, "wait"),
        (threading.Condition, "wait_for"),
    ):
        patches.set(owner, name, _answering(getattr(owner, name)))
    patches.set(threading.Thread, "join", _joining(threading.Thread.join))
    patches.set(threading.Thread, "is_alive", _asking(threading.Thread.is_alive))
    patches.set(threading.Event, "is_set", _asking(threading.Event.is_set))


def _listener() -> tuple[Task, Listener] | None:
    task = here.task
    run = task.run if task is not None else None
    if task is None or not isinstance(run, ListenedRun) or run.stopping:
        return None
    return task, run.listener


def _answering(original: Any) -> Any:
    @functools.wraps(original)
    def wait(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = original(self, *args, **kwargs)
        told = _listener()
        if told is not None:
            told[1].answered(told[0], self, sys._getframe(1), original.__name__, gave_up=not answer)
        return answer

    return wait


def _joining(original: Any) -> Any:
    @functools.wraps(original)
    def join(self: threading.Thread, timeout: float | None = None) -> None:
        original(self, timeout)
        told = _listener()
        if told is not None:
            other = getattr(self, "_concurrency_task", None)
            runs_on = other is not None and other.state is not ENDED
            told[1].answered(told[0], self, sys._getframe(1), "join", gave_up=runs_on)

    return join


def _asking(original: Any) -> Any:
    @functools.wraps(original)
    def ask(self: Any) -> bool:
        told = _listener()
        if told is not None:
            told[1].asked(told[0], self)
        return bool(original(self))

    return ask
