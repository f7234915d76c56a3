"""Executors of threads in a run: one that is older begins anew in each run, and works again afterwards."""

from __future__ import annotations

import functools
import queue
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

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
        self._aside: list[tuple[Any, dict[str, Any]]] = []  # executors, and what their threads outside of runs know

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
        for pool, before in self._aside:
            vars(pool).update(before)
            if pool._shutdown:
                work = pool._work_queue
                getattr(work, "real", work).put(None)
        self._used, self._open, self._aside = [], [], []

    def _takes_part(self, pool: Any, run: Run) -> None:
        if not any(reference() is pool for reference in self._used):
            self._used.append(weakref.ref(pool))
            if pool._shutdown:
                return
            if any(not hasattr(thread, "_concurrency_task") for thread in pool._threads):
                # These would take the work out of the run.
                self._aside.append((pool, {name: vars(pool)[name] for name in _OF_THREADS}))
                _begins_anew(pool)
                vars(pool)["_idle_semaphore"] = _Idle(0)
            elif getattr(pool._work_queue, "run", self) not in (None, run):
                _begins_anew(pool)


class _Idle(threading.Semaphore):
    """Counts the threads that have nothing to do: those of the run."""

    def release(self, n: int = 1) -> None:
        """Count; a thread from outside that comes to the end of its work is none of the run's."""
        if here.task is not None:
            super().release(n)


def _begins_anew(pool: Any) -> None:
    """Let an executor be as it was made, without threads."""
    vars(pool).update(
        _threads=set(),
        _work_queue=queue.SimpleQueue(),
        _idle_semaphore=threading.Semaphore(0),
        _shutdown_lock=threading.Lock(),
    )


_OF_THREADS: Final = ("_threads", "_work_queue", "_idle_semaphore", "_shutdown_lock")
