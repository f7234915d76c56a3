"""A block of code in virtual time: threads are controlled, but nothing is explored."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pytest_concurrency._core.clock import NS
from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.scripts.recorder import Recorder
from pytest_concurrency._engine.stage import Stage
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._sight.watching import Watch


@contextlib.contextmanager
def virtual_time(watch: Watch) -> Iterator[None]:
    """Let no real time pass in the body; inside a controlled run it does nothing.

    Raises:
        DeadlockFound: Everybody in the body waits for ever.
    """
    if here.task is not None:
        yield
        return
    with Stage(watch, kinds.staged(), observe=False) as stage, stage.running(Strategy(), offered=set()) as record:
        yield
    if record.interrupt is not None:
        raise record.interrupt
    if record.failed and record.error is None and not record.errors:
        raise DeadlockFound(explain.report(record, Recorder(watch), watch, relevant=set()))
    if record.failed:
        raise explain.combined(record)


def now_ns() -> int:
    """Return nanoseconds on the clock that the calling thread lives by."""
    task = here.task
    return real.perf_counter_ns() if task is None else task.run.clock.now_ns


def seconds(nanoseconds: int) -> float:
    """Return nanoseconds as seconds."""
    return nanoseconds / NS


def is_virtual() -> bool:
    """Tell whether the calling thread lives in virtual time."""
    return here.task is not None
