"""Time as a task meets it: virtual in a run, real outside."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from pytest_concurrency._core.clock import NS, Instant, to_ns
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Sleep
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.task import Task

_SLEEP: Operation = ("sleep", ())
_OF_THREAD: Final = getattr(time, "CLOCK_THREAD_CPUTIME_ID", None)


def sleep(seconds: float, /) -> None:
    """Stand in for `time.sleep`: virtual in a run."""
    task = here.task
    if task is None:
        real.sleep(seconds)
        return
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    if not seconds:
        run.reach(task, _SLEEP)
    else:
        task.wait(_SLEEP, Sleep(seconds), to_ns(seconds))


def monotonic() -> float:
    """Stand in for `time.monotonic`; who measures a real wait with it needs the real one."""
    task = here.task
    if task is None or sys._getframe(1).f_globals.get("__name__") == "multiprocessing.connection":
        return real.monotonic()
    return Instant(task.run.readings.now_ns(task))


def monotonic_ns() -> int:
    """Stand in for `time.monotonic_ns`."""
    task = here.task
    return real.monotonic_ns() if task is None else int(task.run.readings.now_ns(task))


def thread_time() -> float:
    """Stand in for `time.thread_time`, which is no virtual time; see `thread_time_ns`."""
    return thread_time_ns() / NS


def thread_time_ns() -> int:
    """Stand in for `time.thread_time_ns`: what a thread of the system has spent on others is not the task's."""
    task = here.task
    worker = None if task is None else getattr(task.body, "worker", None)
    return real.thread_time_ns() - (0 if worker is None else worker.spent_ns)


def clock_gettime(clock: int, /) -> float:
    """Stand in for `time.clock_gettime`, which tells what a thread has spent, too."""
    return thread_time() if clock == _OF_THREAD else float(real.clock_gettime(clock))


def clock_gettime_ns(clock: int, /) -> int:
    """Stand in for `time.clock_gettime_ns`."""
    return thread_time_ns() if clock == _OF_THREAD else int(real.clock_gettime_ns(clock))


def perf_counter() -> float:
    """Stand in for `time.perf_counter`."""
    task = here.task
    return real.perf_counter() if task is None else Instant(task.run.readings.now_ns(task))


def perf_counter_ns() -> int:
    """Stand in for `time.perf_counter_ns`."""
    task = here.task
    return real.perf_counter_ns() if task is None else int(task.run.readings.now_ns(task))


def wall() -> float:
    """Stand in for `time.time`: moves with the virtual clock."""
    task = here.task
    return real.wall() if task is None else Instant(_wall_ns(task))


def wall_ns() -> int:
    """Stand in for `time.time_ns`."""
    task = here.task
    return real.wall_ns() if task is None else _wall_ns(task)


def _wall_ns(task: Task) -> int:
    if sys._getframe(2).f_globals.get("__name__") == "logging":  # a record tells the time, and asks for none
        return int(task.run.clock.wall_ns)
    task.run.readings.now_ns(task)
    return int(task.run.clock.wall_ns)
