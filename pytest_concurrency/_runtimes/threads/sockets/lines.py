"""Who stands in line at a socket: the real one is asked, without waiting, after whatever somebody does."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pytest_concurrency._machine import cpu

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.threads.sockets.ends import Spot


class Waiter(NamedTuple):
    """One who stands in line.

    Attributes:
        task: Who it is.
        has: Tells whether what is waited for can be had.
    """

    task: Task
    has: Callable[[], bool]


class Lines:
    """All who stand in line in one run."""

    def __init__(self, run: Any) -> None:
        self._run = run
        self._waiters: list[Waiter] = []

    def stand(
        self, task: Task, spot: Spot, op: Operation, method: str, timeout_ns: int | None, has: Callable[[], bool]
    ) -> bool:
        """Offer a switch before an operation and wait until it can be done; tell whether it can.

        It cannot where time was up first, or where somebody outside the run may be who would let it.
        """
        run = self._run
        task.has_the_turn()
        until = None if timeout_ns is None else run.clock.now_ns + timeout_ns
        while True:
            left = None if until is None else max(until - run.clock.now_ns, 0)
            spot.will(op, method)
            waiter = Waiter(task, has)
            self._waiters.append(waiter)
            try:
                task.stand_in_line(spot, left, free=has())
            finally:
                self._waiters.remove(waiter)
            if has():
                return True
            if task.timed_out or strangers():
                return False

    def changed(self) -> None:
        """Let those go on for whom something is there now, and those not for whom it has gone."""
        for waiter in self._waiters:
            if waiter.has():
                self._run.enable(waiter.task)
            elif not waiter.task.timed_out:
                self._run.disable(waiter.task)

    def has_come(self, task: Task) -> bool:
        """Tell whether a task need not stand in line any more."""
        return any(each.task is task and (each.has() or strangers()) for each in self._waiters)

    def poke(self) -> None:
        """Let those go on for whom a thread outside the run has done something."""
        ready = [each.task for each in self._waiters if each.has()]
        if ready:
            self._run.outside.poke(ready)


def strangers() -> bool:
    """Tell whether this process has living children, who may have any end: but for those that multiprocessing keeps."""
    if not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return any(cpu.stat(str(each))[:1] != ["Z"] for each in _children() - _keepers())


def _children() -> set[int]:
    found = set[int]()
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:  # another system's: some child it is
        return {-1}
    for number in threads:
        with contextlib.suppress(OSError):  # the thread has ended
            found.update(map(int, Path(f"/proc/self/task/{number}/children").read_text(encoding="ascii").split()))
    return found


def _keepers() -> set[int]:
    """Return the processes that multiprocessing keeps for itself."""
    tracker: Any = sys.modules.get("multiprocessing.resource_tracker")
    server: Any = sys.modules.get("multiprocessing.forkserver")
    return {
        getattr(getattr(tracker, "_resource_tracker", None), "_pid", None) or 0,
        getattr(getattr(server, "_forkserver", None), "_forkserver_pid", None) or 0,
    }
