"""Executors of threads in a run: one that is older begins anew in each run, and works again afterwards."""

from __future__ import annotations

import functools
import queue
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._machine.patches import Patches


class Pools:
    """The executors of the present run.

    Their threads end with it. An executor that lives on would count them as its own for ever, and hand work to nobody.
    """

    def __init__(self) -> None:
        self._closing: Any = None  # the module of executors, while their end has been announced
        self._used: list[weakref.ref[Any]] = []  # weak: who lets go of an executor ends its threads
        self._open: list[Any] = []  # those that nobody has shut down but we

    def install(self, patches: Patches) -> None:
        """Take note of each executor that a task hands work to."""
        module: Any = sys.modules.get("concurrent.futures.thread")
        if module is None:
            return
        from pytest_concurrency._sight import calls  # outside a run nobody needs it

        original = module.ThreadPoolExecutor.submit

        @functools.wraps(original)
        def submit(pool: Any, /, *args: Any, **kwargs: Any) -> Any:
            task = here.task
            if task is not None:
                self._takes_part(pool, task.run)
                if args and calls.target(args[0], list(args[1:])) != ():
                    task.run.shared.note_unknown(task.id)
                    task.run.shared.note_opaque()
            return original(pool, *args, **kwargs)

        patches.set(module.ThreadPoolExecutor, "submit", submit)

    def closes(self, run: Run) -> None:
        """Give the run's executors the end marker that they get when an interpreter ends; it shuts them down."""
        self._open = [pool for reference in self._used if (pool := reference()) is not None and not pool._shutdown]
        module: Any = sys.modules.get("concurrent.futures.thread")
        if module is None:
            return
        ours = {thread for task in run.tasks if (thread := getattr(task, "thread", None)) is not None}
        waiting = [each for thread, each in list(module._threads_queues.items()) if thread in ours]
        if waiting:
            self._closing = module
            module._shutdown = True
            for each in waiting:
                each.put(None)

    def end(self) -> None:
        """Let executors be made again, and those work that are still there."""
        module, self._closing = self._closing, None
        if module is not None:
            module._shutdown = False
        for pool in self._open:
            vars(pool)["_shutdown"] = False
        for reference in self._used:
            pool = reference()
            if pool is not None and not pool._shutdown:
                _begins_anew(pool)
        self._used, self._open = [], []

    def _takes_part(self, pool: Any, run: Run) -> None:
        if not any(reference() is pool for reference in self._used):
            self._used.append(weakref.ref(pool))
            if getattr(pool._work_queue, "run", self) not in (None, run) and not pool._shutdown:
                _begins_anew(pool)


def _begins_anew(pool: Any) -> None:
    """Let an executor without threads be as it was made; one that has some outside of runs keeps those."""
    threads = {thread for thread in pool._threads if not hasattr(thread, "_concurrency_task")}
    vars(pool)["_threads"] = threads
    if not threads:
        vars(pool).update(
            _work_queue=queue.SimpleQueue(), _idle_semaphore=threading.Semaphore(0), _shutdown_lock=threading.Lock()
        )
