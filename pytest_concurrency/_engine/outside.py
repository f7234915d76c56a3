"""Tasks that wait for something out of our control: others go on, and they come back."""

from __future__ import annotations

import contextlib
from bisect import insort
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.task import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task


def come_back(run: Run, task: Task) -> None:
    """Take a task back that went on while it was thought to be outside."""
    with run.mutex:
        if task.outside:
            task.outside = False
            run.outside_count -= 1
        if task.state is RUNNING and task.id not in run.runnable:
            insort(run.runnable, task.id)
        if run.current is None:
            run.current = task
            return
        if run.current is task:
            return
    run.await_baton(task)


def seize(run: Run, task: Task, steps: int, place: Any) -> None:
    """Take the baton from a task that waits for something out of our control.

    Called by the watchdog's thread.
    """
    with run.mutex:
        if run.current is not task or run.steps != steps or run.stopping:
            return
        task.outside = True
        run.outside_count += 1
        run.uncontrolled.append((task.name, place))
        if task.id in run.runnable:
            run.runnable.remove(task.id)
        while not run.runnable and run.clock.next_deadline() is not None:
            run.let_time_pass()
        if not run.runnable:
            run.current = None
            return
        other = run.tasks[run.runnable[0]]
        run.current = other
    other.baton.release()


@contextlib.contextmanager
def step_outside(run: Run, task: Task, place: Any) -> Iterator[None]:
    """Let the others go on while `task` waits for something real."""
    if run.current is not task:
        come_back(run, task)
    run.uncontrolled.append((task.name, place))
    with run.mutex:
        task.outside = True
        run.outside_count += 1
        run.runnable.remove(task.id)
        while not run.runnable and run.clock.next_deadline() is not None:
            run.let_time_pass()
        other = run.choose_next(None) if run.runnable else None
        run.current = other
    if other is not None:
        other.baton.release()
    try:
        yield
    finally:
        come_back(run, task)


def poke(run: Run, waiters: list[Task]) -> None:
    """Enable tasks because a foreign thread released what they wait for."""
    with run.mutex:
        run.uncontrolled.append(("a foreign thread", None))
        for task in waiters:
            run.enable(task)
        if run.current is not None or not run.runnable:
            return
        other = run.tasks[run.runnable[0]]
        run.current = other
    other.baton.release()
