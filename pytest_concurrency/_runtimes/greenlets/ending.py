"""The end of a run: its hub, the greenlets and the threads that are left of it."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.greenlets import lanes

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run

ENDED_WITHIN: Final = 1.0
"""Seconds that the threads of a hub's pool get."""


def take_down(run: Run, hub: Any) -> None:
    """End a hub of the calling thread; what its scenario raised because nobody could go on becomes a deadlock."""
    passes = hub.loop.passes
    states, error = passes.crew.standing, run.record.error
    if states and isinstance(error, sys.modules["gevent.exceptions"].LoopExit) and hub in error.args:
        run.record.stands_still(states)
    lanes.leaves()
    _end_pool(hub)
    if hub:  # it is in the midst of its loop, and ends its greenlets itself
        with contextlib.suppress(Unwind):
            hub.throw(Unwind)
    passes.unwinds()
    hub.destroy(destroy_loop=True)


def _end_pool(hub: Any) -> None:
    """End the threads of a hub's pool; gevent would wait for them in its loop."""
    pool = hub._threadpool
    if pool is None:
        return
    del hub.threadpool
    for _ in range(len(pool._worker_greenlets)):
        pool.task_queue.put(None)
    until = real.monotonic() + ENDED_WITHIN
    while pool._worker_greenlets and real.monotonic() < until:
        real.sleep(0.001)
