"""Threads of the system that serve one task of each run, so that a run need not start its own.

A thread that is simply used again shows it: what a task keeps in a `threading.local` would outlive it. So a
thread goes on to the next run only if its task has left nothing in it; else it ends, as the task's own would.
"""

from __future__ import annotations

import contextvars
import gc
import signal
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.run import Run

MOST: Final = 64
"""So many wait for the next run at most."""
_NO_HOOKS: Final = sys.get_asyncgen_hooks()
_REPR: Final = "Py_Repr"  # under which a thread keeps what it is about to tell, so as not to tell it within itself


class Worker:
    """A thread that waits for the next task.

    Attributes:
        baton: Released to let a task begin, or to let the thread end; in between it is the task's own.
        ident: As `threading.get_ident` has it.
        native: As `threading.get_native_id` has it.
        is_free: Whether it can take a task.
        spent_ns: What it had spent of the processor's time when its task began.
        ended: Released at its end.
    """

    __slots__ = ("_is_last", "_is_unmarked", "_job", "baton", "ended", "ident", "is_free", "native", "spent_ns")

    def __init__(self) -> None:
        self.baton, self.ended, begun = real.allocate_lock(), real.allocate_lock(), real.allocate_lock()
        for lock in (self.baton, self.ended, begun):
            lock.acquire()
        self._job: Callable[[], None] | None = None
        self._is_last = False
        self._is_unmarked: Callable[[], bool] = _never
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
        if self._is_unmarked():
            self.is_free = not self._is_last
        else:
            self._is_last = True
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
            self._is_unmarked = _marks_of_thread()
            begun.release()
            while not self._is_last:
                self._next()
        except Unwind:  # sent to a task that had just ended
            pass
        finally:
            self.is_free = False
            self._is_unmarked = _never  # or what the task has kept for its thread would live on
            self.ended.release()

    def _next(self) -> None:
        self.baton.acquire()
        job, self._job = self._job, None
        self.spent_ns = real.thread_time_ns()
        if job is not None:
            job()


class Workers:
    """The threads of one exploration.

    The one that was free last is taken first: so a thread that begins when another has ended often has its ident, as
    the system gives it.
    """

    def __init__(self) -> None:
        self._all: list[Worker] = []
        self._free: list[Worker] = []  # the next one stands last
        self._wanted = 0  # how many were missing in this run
        self._spoilt = 0  # how many have ended, as their tasks had left something
        self._process = real.getpid()
        self._stack = threading.stack_size()

    def take(self) -> Worker | None:
        """Return the thread for a task, None where it is to have its own."""
        if real.getpid() != self._process or threading.stack_size() != self._stack:
            return None
        while self._free:
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
        if real.getpid() != self._process:
            return
        if run.record.uncontrolled or run.record.interrupt is not None or any(task.parked for task in run.tasks):
            self.end()
        elif "greenlet" not in sys.modules:  # which has a state of its own in each thread
            wanted = min(self._wanted, MOST - len(self._all)) - self._spoilt
            self._all += [Worker() for _ in range(wanted)]
            self._free = [each for each in reversed(self._all) if each.is_free]
        self._wanted = 0

    def end(self) -> None:
        """End all, and wait until those have ended that have nothing to do."""
        free = [each for each in self._all if each.is_free]
        for each in self._all:
            each.ends()
        self._all.clear()
        self._free.clear()
        for each in free:
            each.ended.acquire()


def _never() -> bool:
    """Tell of a thread of which nothing can be told."""
    return False


def _marks_of_thread() -> Callable[[], bool]:
    """Return what tells whether the calling thread is as it is now: in what Python keeps for each thread."""
    count = _counter_of_locals()
    state = _state()
    begun, counted, signals = len(state), count(), _blocked()

    def is_unmarked() -> bool:
        if sys.gettrace() is not None:
            sys.settrace(None)
        if sys.getprofile() is not None:
            sys.setprofile(None)
        return (
            (len(state) == begun or (len(state) == begun + 1 and state.get(_REPR) == []))
            and count() == counted
            and not contextvars.copy_context()
            and sys.get_asyncgen_hooks() == _NO_HOOKS
            and _blocked() == signals
            and not _has_loop()
        )

    probe = threading.local()
    probe.__dict__["seen"] = True
    return _never if is_unmarked() else is_unmarked  # this Python keeps the values of `threading.local` elsewhere


def _has_loop() -> bool:
    """Tell whether an event loop is said to run in the calling thread."""
    events: Any = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def _blocked() -> Any:
    """Return the signals that the calling thread does not take."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, ()) if hasattr(signal, "pthread_sigmask") else None


def _state() -> dict[Any, Any]:
    """Return where the interpreter, and until Python 3.12 `threading.local`, keeps what is the calling thread's."""
    import ctypes  # few explorations need it

    get = ctypes.pythonapi.PyThreadState_GetDict
    get.restype = ctypes.c_void_p  # a borrowed reference, which `py_object` would take away
    state: dict[Any, Any] = ctypes.cast(get(), ctypes.py_object).value
    return state


def _counter_of_locals() -> Callable[[], int]:
    """Return what counts the `threading.local` objects that have values for the calling thread.

    From Python 3.13 on each of them has a weak reference to one object that stands for the thread.
    """
    before = _threads_known()
    here.become(None)
    (stands,) = _threads_known() - before or (None,)
    return lambda: weakref.getweakrefcount(stands)


def _threads_known() -> set[Any]:
    """Return what stands for the threads that have a value in one such object; nothing until Python 3.12."""
    sets = [each for each in gc.get_referents(here) if type(each) is set]
    return {each() for found in sets for each in found if type(each) is weakref.ref} - {None}
