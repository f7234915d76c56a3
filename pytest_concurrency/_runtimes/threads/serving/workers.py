"""Threads of the system that serve one task of each run, so that a run need not start its own.

A thread that is simply used again shows it: what a task keeps in a `threading.local` would outlive it. So a
thread goes on to the next run only if its task has left nothing in it; else it ends, as the task's own would.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads.serving.keepers import Keepers
from pytest_concurrency._runtimes.threads.serving.leavings import Leavings, of_system

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._sight.watching import Watch

KEEPS_THE_TURN: Final = True
MOST: Final = 64
"""So many wait for the next run at most."""


class Worker:
    """A thread that waits for the next task.

    Attributes:
        baton: Released to let a task begin, or to let the thread end; in between it is the task's own.
        ident: As `threading.get_ident` has it.
        native: As `threading.get_native_id` has it.
        leavings: What it has been left to keep.
        inherited: What the system gave it.
        is_free: Whether it can take a task.
        spent_ns: What it had spent of the processor's time when its task began.
        ended: Released at its end.
    """

    __slots__ = ("_are_seen", "_is_at_work", "_is_last", "_job", "_woken", "baton", "ended", "ident", "inherited",
                 "is_free", "leavings", "native", "spent_ns")  # fmt: skip

    leavings: Leavings

    def __init__(self) -> None:
        self.baton, self.ended, begun = real.allocate_lock(), real.allocate_lock(), real.allocate_lock()
        for lock in (self.baton, self.ended, begun):
            lock.acquire()
        self._job: Callable[[], None] | None = None
        self._woken: list[bool] = []
        self._is_at_work = False
        self._is_last = False
        self.native = 0
        self.spent_ns = 0
        self.is_free = True
        self.ident = real.start_new_thread(self._main, (begun,))
        begun.acquire()

    def give(self, job: Callable[[], None]) -> None:
        """Let it do a job as soon as the baton is released."""
        self._job = job
        self.is_free = False

    def rests(self) -> bool:
        """Note, as the last act of a job but for handing over, whether the thread can take another."""
        self._is_last = self._is_last or not self._is_as_new()
        self._job = None
        self._woken.clear()
        self._is_at_work = False
        self.is_free = not self._is_last
        return self.is_free

    def ends(self) -> None:
        """Let it end: now, or with the job that it has."""
        was_free, self.is_free = self.is_free, False
        self._is_last = True
        if was_free:
            self.baton.release()

    def _main(self, begun: Any) -> None:
        try:
            self.native = threading.get_native_id()
            self.leavings = Leavings()
            self.inherited = of_system()
            self._are_seen = self.leavings.are_seen()
            begun.release()
            while not self._is_last:
                try:
                    self._wait()
                    self._is_at_work = self._job is not None
                    if self._job is not None:
                        self._job()
                except BaseException:
                    if self._is_at_work:
                        raise
                    # else it was sent to a task that has ended, and must not cost the next one its thread
        finally:
            self.is_free = False
            del self.leavings  # or what the task has kept for its thread would live on
            self.ended.release()

    def _is_as_new(self) -> bool:
        return self._are_seen and self.leavings.is_gone() and self.inherited == of_system()

    def _wait(self) -> None:
        if not self._woken:
            self._woken.extend(map(self.baton.acquire, (True,)))  # one step: nothing strikes between the two
        if sys.gettrace() is not None:  # as `threading.settrace_all_threads` gives it to all that there are
            sys.settrace(None)
        if sys.getprofile() is not None:
            sys.setprofile(None)
        self.spent_ns = real.thread_time_ns()


class Workers:
    """The threads of one exploration.

    The one that was free last is taken first: so a thread that begins when another has ended often has its ident, as
    the system gives it.
    """

    def __init__(self, watch: Watch) -> None:
        self._keepers = Keepers(watch)
        self._all: list[Worker] = []
        self._free: list[Worker] = []  # the next one stands last
        self._wanted = 0  # how many were missing in this run
        self._spoilt = 0  # how many have ended, as their tasks had left something
        self._stay_away = False
        self._process = real.getpid()
        self._stack = _stack_size()

    def take(self) -> Worker | None:
        """Return the thread for a task that the calling one starts, None where it is to have its own."""
        if self._stay_away or real.getpid() != self._process or _stack_size() != self._stack:
            return None
        inherited = of_system()
        while self._free:
            if self._free[-1].is_free and self._free[-1].inherited != inherited:
                return None
            worker = self._free.pop()
            if worker.is_free:
                return worker
        self._wanted += 1
        return None

    def gets_back(self, worker: Worker) -> None:
        """Take a thread back whose task is about to hand over for the last time, if it can serve another."""
        if worker.is_free:  # whoever is struck at his end comes twice
            return
        if worker.rests():
            self._free.append(worker)
        else:
            self._spoilt += 1

    def settle(self, run: Run) -> None:
        """Get the threads that were missing in a run that is over; part with all where one may still be at work."""
        if self._stay_away or real.getpid() != self._process:
            return
        if (
            run.record.uncontrolled
            or run.record.interrupt is not None
            or any(task.parked for task in run.tasks)
            or self._keepers.are_there()
        ):
            self.end()
        elif _stack_size() == self._stack:
            wanted = min(self._wanted, MOST - len(self._all)) - self._spoilt
            self._all += [Worker() for _ in range(wanted)]
            self._free = [each for each in reversed(self._all) if each.is_free]
        self._wanted = 0

    def stay_away(self) -> None:
        """Have no thread from now on that serves nobody: it would get a signal that all others block."""
        if not self._stay_away:
            self._stay_away = True
            self.end()

    def end(self) -> None:
        """End all, and wait until those have ended that have nothing to do."""
        free = [each for each in self._all if each.is_free]
        for each in self._all:
            each.ends()
        self._all.clear()
        self._free.clear()
        for each in free:
            each.ended.acquire()


def _stack_size() -> int:
    """Return what a thread that is started now has for its stack."""
    size = threading.stack_size()  # and from now on it is the system's
    if size:
        threading.stack_size(size)
    return size
