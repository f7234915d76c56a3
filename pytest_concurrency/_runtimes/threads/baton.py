"""A thread under control: its turn is a lock that others release."""

from __future__ import annotations

import contextvars
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.task import Task
from pytest_concurrency._machine import cpu, real
from pytest_concurrency._machine.striking import raise_in
from pytest_concurrency._runtimes.threads.parking import leave_pool
from pytest_concurrency._runtimes.threads.serving.leavings import ROUNDS, Leavings
from pytest_concurrency._sight.watching import is_at_work

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._runtimes.threads.serving.workers import Worker, Workers


class ThreadTask(Task):
    """A thread of a run.

    Attributes:
        thread: The `Thread` object; a bare thread, and the scenario itself, have none.
        ident: Its number for Python.
        native: Its number for the system.
        origins: So many frames its coroutines remember of where they were made: as those of whoever starts it.
        excepthook: `threading.excepthook` as it was when the run began (of the root alone).
        workers: Where those whom it starts may find a thread that has served before; None for nowhere.
        worker: The one that it has found itself.
        context: What context variables are for it; it ends with it.
    """

    __slots__ = ("_baton", "_leavings", "context", "excepthook", "go", "ident", "native", "origins", "thread",
                 "wait_for_turn", "worker", "workers")  # fmt: skip

    word = "Thread"

    def __init__(
        self,
        run: Run,
        name: str,
        workers: Workers | None,
        *,
        thread: threading.Thread | None = None,
        daemon: bool = False,
    ) -> None:
        super().__init__(run, len(run.tasks), run.numbering.name(name), daemon=daemon)
        self.workers = workers
        self.worker: Worker | None = None
        self.thread: Any = thread
        self.ident = 0
        self.native = 0
        self.origins = sys.get_coroutine_origin_tracking_depth()
        self.excepthook: Any = None
        self.context = contextvars.Context()
        self._leavings: Leavings | None = None
        if workers is not None and self.id:
            self.worker = workers.take()
        if self.worker is None:
            self._baton = real.allocate_lock()
            self._baton.acquire()
        else:
            self._baton = self.worker.baton
        self.go = self._baton.release  # type: ignore[method-assign] # one call less a switch
        self.wait_for_turn = self._baton.acquire  # type: ignore[method-assign,assignment]

    def wait_a_moment(self, seconds: float) -> bool:
        """Wait for its turn, but no longer than that."""
        return bool(self._baton.acquire(timeout=seconds))

    def is_root(self) -> None:
        """Be the calling thread, which runs the scenario."""
        self.ident = real.get_ident()
        self.native = threading.get_native_id()
        self.excepthook = threading.excepthook

    def runs_as(self, ident: int) -> None:
        """Note the number that Python has given its thread."""
        self.ident = ident

    def retires(self) -> None:
        """Let go of its thread, too."""
        super().retires()
        self.thread = self._leavings = None

    def park(self) -> None:
        """Leave it behind, also for the interpreter's end."""
        super().park()
        if self.thread is not None:
            leave_pool(self.thread)

    def begins(self) -> None:
        """Note, in its own thread, the number that the system has given it; from then on it can be struck."""
        self._leavings = Leavings() if self.worker is None else self.worker.leavings
        native = threading.get_native_id()
        if self.thread is not None:
            self.thread._native_id = native
        self.native = native

    def lets_go(self) -> None:
        """Let go of what its thread has kept for it, in the order in which the end of a thread does."""
        if self._leavings is None:
            return
        if self.run.recorder is not None:
            self.run.recorder.has_written(self)  # it holds what has been written
        for _ in range(ROUNDS):
            self.context.run(self._leavings.go)
            if not self.run.stopping:  # what goes may have to wait, and so end the run
                self.context.run(self.run.numbering.let_go, every=True)
            if not self.context:
                break
            fresh = contextvars.Context()
            fresh.run(setattr, self, "context", fresh)  # there goes what context variables have kept

    def frame(self) -> FrameType | None:
        """Return where it is."""
        return real.current_frames().get(self.ident)

    def entries(self) -> list[CodeType]:
        """Return the code of its target, and of functions that this is given."""
        given = [getattr(self.thread, "_target", None), *getattr(self.thread, "_args", ())]
        codes = [getattr(each, "__code__", None) for each in given]
        return [code for code in codes if code is not None]

    def strike(self, kind: type[BaseException]) -> None:
        """Raise in it at its next instruction, if it has begun: else it sees itself that its run is over."""
        if not self.native:
            return
        if self.worker is not None:
            self.worker.ends()
        raise_in(self.ident, kind)

    def clock_now(self) -> Any:
        """Return the processor time that the system counts for it."""
        return cpu.thread_clock(self.native)

    def is_ready(self) -> bool:
        """Tell whether it runs, or waits for a processor, as one does that has not begun."""
        return not self.native or cpu.thread_is_ready(self.native)

    def is_at_work(self) -> bool:
        """Tell whether it is in the midst of the engine's own code, where it does not lose its turn."""
        frame = self.frame()
        return frame is not None and is_at_work(frame)

    @property
    def is_pooled(self) -> bool:
        """Whether it is the worker of an executor."""
        pools: Any = sys.modules.get("concurrent.futures.thread")
        return pools is not None and self.thread in pools._threads_queues

    @property
    def called(self) -> str:
        """The present name of its thread."""
        return self.name if self.thread is None else str(self.thread.name)
