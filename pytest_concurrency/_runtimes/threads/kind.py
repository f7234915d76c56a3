"""Threads, as the stage and the plugin need a kind of concurrency."""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._machine import debuggers
from pytest_concurrency._runtimes.threads import handlers, installing, joining, world
from pytest_concurrency._runtimes.threads.baton import ThreadTask
from pytest_concurrency._runtimes.threads.ending_threads import thread_states
from pytest_concurrency._runtimes.threads.outlook import ThreadsOutlook
from pytest_concurrency._runtimes.threads.pools import Pools
from pytest_concurrency._runtimes.threads.serving.workers import Workers
from pytest_concurrency._runtimes.threads.sockets.installing import Sockets
from pytest_concurrency._sight.watching import policy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from pytest_concurrency._core.telling.report import Place, Report, TaskState
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch

_threads: Any = threading  # its private names too


class Threads:
    """The kind of `threading` and of the pools of `concurrent.futures`."""

    name = "threads"
    joins = ("threads", "futures", "executors")
    outlook = ThreadsOutlook()

    def __init__(self) -> None:
        self._pools = Pools()
        self._sockets: Sockets | None = None
        self._workers: Workers | None = None

    def install(self, patches: Patches, watch: Watch) -> None:
        """Let locks and simple queues made in watched code be doubles that delegate."""
        installing.install_doubles(patches, watch)

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Let threads, locks and time obey the run."""
        before = policy.watch
        counters = _threads._counter, _pool_counter()
        try:
            installing.install_doubles(patches, watch)
            installing.install_run(patches)
            installing.rebind_imported(patches, watch)
            installing.double_library_locks(patches)
            self._sockets = Sockets()
            world.install(patches, watch)
            self._sockets.install(patches, watch)
            workers = None if debuggers.debugpy_is_there() else Workers(watch)
            self._workers = workers
            handlers.install(patches, workers)
            self._pools.install(patches)
            yield
            if workers is not None:
                workers.end()
        finally:
            handlers.leave_interrupts()
            _set_counters(*counters)
            policy.set(before)

    def root(self, run: Run) -> ThreadTask:
        """Make the task of the calling thread."""
        task = ThreadTask(run, "main", self._workers)
        task.is_root()
        run.add(task)
        return task

    def begin(self, run: Run) -> None:
        """Number threads and pools from one."""
        _set_counters(itertools.count(1).__next__, itertools.count().__next__)
        handlers.hear_interrupts()
        if self._sockets is not None:
            self._sockets.begin(run)

    def closes(self, run: Run) -> None:
        """Give the run's executors the end marker that they get when an interpreter ends."""
        self._pools.closes(run)
        if self._sockets is not None:
            self._sockets.closes(run)

    def end(self, run: Run) -> None:
        """Let executors be made again, and threads be used again."""
        self._pools.end()
        if self._workers is not None:
            self._workers.settle(run)
        if self._sockets is not None:
            self._sockets.end()

    # -- as the plugin needs it

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap a thread, a future or a pool of threads."""
        return joining.joinable(thing, watch, made)

    def since(self, origins: Origins) -> joining.Since:
        """Note which threads there are."""
        return joining.Since(origins, frozenset(threading.enumerate()))

    def noting(self, since: joining.Since) -> AbstractContextManager[None]:
        """Note where threads are started, and what ends them."""
        return joining.noting(since)

    def errors(self, since: joining.Since) -> list[BaseException]:
        """Return, once, what has ended threads that nobody was told of."""
        errors = since.errors.copy()
        since.errors.clear()
        return errors

    def notes(self, error: BaseException, since: Any) -> list[str]:
        """Return nothing: its errors say what there is to say."""
        return []

    def left_behind(self, since: joining.Since) -> list[Joinable]:
        """Return the threads that the test has left."""
        return joining.left_behind(since)

    def bystanders(self, since: joining.Since) -> list[TaskState]:
        """Return where all threads of the test are."""
        return thread_states(since.threads(), since.origins.watch)

    def explains(self, error: BaseException, watch: Watch) -> Report | None:
        """Return nothing: a verdict is told where it is given."""
        return None


def _pool_counter() -> Any:
    pools: Any = sys.modules.get("concurrent.futures.thread")
    return pools.ThreadPoolExecutor._counter if pools is not None else None


def _set_counters(threads: Any, pools: Any) -> None:
    """Set what names threads, and what names pools where there are any."""
    _threads._counter = threads
    module: Any = sys.modules.get("concurrent.futures.thread")
    if module is not None and pools is not None:
        module.ThreadPoolExecutor._counter = pools
