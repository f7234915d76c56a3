"""Threads as a controlled task meets them: start, join, and the life of one."""

from __future__ import annotations

import contextvars
import sys
import threading
import traceback
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.operations import READ, WRITE, Operation
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.shared import NO_PLACE
from pytest_concurrency._engine.task import ENDED, Task, Unwind
from pytest_concurrency._engine.touching import note_target
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._machine.private import HANDLE, HAS_CONTEXT
from pytest_concurrency._runtimes.threads import real_waits
from pytest_concurrency._runtimes.threads.baton import ThreadTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._runtimes.threads.serving.workers import Workers

KEEPS_THE_TURN = True
JOINABLE = real.start_joinable_thread is not None
_STARTED: Operation = ("started", ())
_GIVEN = ("ident", "native_id")  # what a thread is given as it is started


def start(self: threading.Thread) -> None:
    """Stand in for `Thread.start`."""
    task = here.task
    if task is None:
        if waits.started is not None:
            waits.started(self)
        real.thread_start(self)
        return
    if not self._initialized:  # type: ignore[attr-defined] # as threading does
        raise RuntimeError("thread.__init__() not called")
    run = task.run
    if self._started._flag:  # type: ignore[attr-defined] # not is_set: no yield point
        earlier = getattr(self, "_concurrency_task", None)
        if earlier is not None and earlier.run is not run:
            raise RuntimeError(
                f"a thread must be made inside the scenario, got {self.name!r} that ended with an earlier schedule"
            )
        raise RuntimeError("threads can only be started once")
    _before_start(run, task, self)
    child = ThreadTask(run, self.name, _workers_of(task), thread=self, daemon=self.daemon)
    run.add(child)
    self._concurrency_task = child  # type: ignore[attr-defined] # read by join and is_alive
    _prepare_context(self)
    _launch(run, child, self)
    run.progressed()
    note_target(run, child, *_called(self))
    run.reach(task, _STARTED)  # the child may go first


def _called(thread: Any) -> tuple[Any, Any, Any]:
    """Return what a thread calls first, and with what: its target, but for a class with a `run` of its own."""
    if type(thread).run is not threading.Thread.run:
        return thread.run, (), {}
    return getattr(thread, "_target", None), getattr(thread, "_args", ()), getattr(thread, "_kwargs", {})


def _before_start(run: Run, task: Task, thread: threading.Thread | None = None) -> None:
    if run.stopping:
        raise run.unwind(task)
    known: Any = () if thread is None else tuple([((run.serial(thread), name), WRITE) for name in _GIVEN])
    if not run.single:  # else nobody can have asked for them
        run.shared.note(task.id, NO_PLACE, known)
    run.reach(task, ("start", ((("task", len(run.tasks)), WRITE), *known)))


def _workers_of(task: Task) -> Workers | None:
    body = task.body
    return body.workers if isinstance(body, ThreadTask) else None


def _launch(run: Run, child: ThreadTask, thread: Any) -> None:
    """Start the OS thread and keep the books that `Thread._bootstrap` would keep."""
    worker = child.worker
    if not JOINABLE:
        thread._tstate_lock = real.allocate_lock()
        thread._tstate_lock.acquire()
    if worker is not None:
        ident = worker.ident
        if JOINABLE:
            setattr(thread, HANDLE, real.make_thread_handle(ident))
        thread._native_id = worker.native
        worker.give(partial(_task_main, run, child))
    elif JOINABLE:
        handle = getattr(thread, HANDLE)
        real.start_joinable_thread(MethodType(_thread_main, thread), handle=handle, daemon=True)
        ident = handle.ident
    else:
        ident = real.start_new_thread(MethodType(_thread_main, thread), ())
    child.runs_as(ident)
    thread._ident = ident
    thread._started._flag = True
    threading._active[ident] = thread  # type: ignore[attr-defined] # as threading does


def _thread_main(thread: Any) -> None:
    """Be the thread of a `Thread`: bound to that as `Thread._bootstrap` is, since debuggers ask whose it is."""
    task = thread._concurrency_task
    _task_main(task.run, task)


def _own_main(run: Run, task: ThreadTask, body: Callable[[], object]) -> None:
    """Be a thread of its own for a task: as deep in calls as `Worker` and as threading are."""
    _task_main(run, task, body)


def _body(thread: Any) -> Callable[[], object]:
    """Return what the thread is to do, in the context that it was given (Python 3.14 and later)."""
    if not HAS_CONTEXT:
        return thread.run  # type: ignore[no-any-return] # a method
    return partial(thread._context.run, thread.run)


def _prepare_context(thread: Any) -> None:
    """Make the context of a thread as `Thread.start` does, in the thread that starts it."""
    if HAS_CONTEXT and thread._context is None:
        flags: Any = sys.flags
        thread._context = contextvars.copy_context() if flags.thread_inherit_context else contextvars.Context()


def start_new_thread(
    function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> int:
    """Stand in for `_thread.start_new_thread`."""
    task = here.task
    if task is None:
        return real.start_new_thread(function, args, kwargs or {})
    run = task.run
    _before_start(run, task)
    child = ThreadTask(run, f"thread {len(run.tasks)}", _workers_of(task))
    run.add(child)

    body = partial(function, *args, **(kwargs or {}))
    if child.worker is None:
        child.runs_as(real.start_new_thread(_own_main, (run, child, body)))
    else:
        child.worker.give(partial(_task_main, run, child, body))
        child.runs_as(child.worker.ident)
    note_target(run, child, function, args, kwargs)
    run.reach(task, _STARTED)
    return child.ident


def _task_main(run: Run, task: ThreadTask, body: Callable[[], object] | None = None) -> None:
    """Wait for the first turn, run the body, and hand over for the last time, wherever it is struck."""
    try:
        task.begins()
        if task.worker is None:  # else its thread has waited
            task.wait_for_turn()
        here.become(task)
        if not run.stopping:
            if run.recorder is not None:
                run.recorder.begins(task)
            _install_tracers()
            sys.set_coroutine_origin_tracking_depth(task.origins)
            run.events.enter_thread()
            task.context.run(_body(task.thread) if body is None else body)
    except Unwind as unwinding:  # as for the main thread
        traceback.clear_frames(unwinding.__traceback__)
    except BaseException as error:
        _fail(run, task, error)
    finally:
        try:
            _finish(run, task)
        except Unwind:  # struck just then
            _finish(run, task)


def _install_tracers() -> None:
    trace, profile = threading.gettrace(), threading.getprofile()
    if profile is not None:
        sys.setprofile(profile)
    if trace is not None:
        sys.settrace(trace)


def _fail(run: Run, task: ThreadTask, error: BaseException) -> None:
    """Keep a task's error, unless the scenario has its own `threading.excepthook`."""
    if run.stopping:  # what a `finally` makes of being taken down says nothing about the scenario
        return
    root: Any = run.root
    if task.thread is not None and threading.excepthook is not root.excepthook:
        task.context.run(task.thread._invoke_excepthook, task.thread)
    elif not isinstance(error, SystemExit):
        run.record.errors.append((task.name, error))


def _finish(run: Run, task: ThreadTask) -> None:
    try:
        threading._active.pop(task.ident, None)  # type: ignore[attr-defined] # as threading does
        task.lets_go()  # whoever joins it waits for that, too
        run.events.leave_thread()
        if not run.stopping:
            run.reach(task, ("end", ((("task", task.id), WRITE),)))
    except Unwind:
        run.events.leave_thread()
    threading._active.pop(task.ident, None)  # type: ignore[attr-defined] # of a look that a `__del__` took at itself
    thread = task.thread
    if thread is not None:
        if JOINABLE:
            getattr(thread, HANDLE)._set_done()
        elif thread._tstate_lock is not None:
            thread._is_stopped = True
            thread._tstate_lock.release()
            thread._tstate_lock = None
    here.become(None)
    if task.worker is not None and task.workers is not None:
        task.workers.gets_back(task.worker)
    run.end(task)


def join(self: threading.Thread, timeout: float | None = None) -> None:
    """Stand in for `Thread.join`."""
    task = here.task
    other: Task | None = getattr(self, "_concurrency_task", None)
    if task is None or not self._initialized:  # type: ignore[attr-defined] # as threading does
        if other is None or other.state is not ENDED:
            real_waits.join(self, timeout)
        return
    if other is task or self is threading.current_thread():
        raise RuntimeError("cannot join current thread")
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    if other is None:
        _join_foreign(task, self, timeout)
        return
    if other.run is not run:
        if other.state is not ENDED:  # it could not be ended with its run
            _join_foreign(task, self, timeout)
        return
    key = (("task", other.id), READ)
    task.has_the_turn()
    if other.state is ENDED:
        run.reach(task, ("join", (key,)))
    elif timeout is not None and timeout <= 0:
        run.reach(task, ("look", (key,)))
    else:
        task.join(other, ("join", (key,)), None if timeout is None else to_ns(timeout))


def _join_foreign(task: Task, thread: threading.Thread, timeout: float | None) -> None:
    """Join a thread that is not of this run, in real time."""
    if not thread._started._flag or not real.thread_is_alive(thread):  # type: ignore[attr-defined] # as threading does
        real.thread_join(thread, timeout)
        return
    with task.run.outside.stepping(task, f"thread {thread.name}, started outside the run"):
        real.thread_join(thread, timeout)


def is_alive(self: threading.Thread) -> bool:
    """Stand in for `Thread.is_alive`."""
    task = here.task
    if task is not None and not task.run.stopping and _is_unstarted(self):
        task.run.reach(task, ("look", (((task.run.serial(self), _GIVEN[0]), READ),)))  # somebody may start it now
    other: Task | None = getattr(self, "_concurrency_task", None)
    if other is None:
        return real.thread_is_alive(self)
    if task is not None and other.run is task.run and not task.run.stopping:
        task.run.reach(task, ("look", ((("task", other.id), READ),)))
    return other.state is not ENDED


def _is_unstarted(thread: Any) -> bool:
    return getattr(thread, "_concurrency_task", None) is None and thread._initialized and not thread._started._flag


def native_id(self: threading.Thread) -> int | None:
    """Stand in for `Thread.native_id`, which is known when `start` has returned: the thread is on its way to tell."""
    thread: Any = self
    if getattr(thread, "_concurrency_task", None) is not None:
        while thread._native_id is None and thread._started._flag:
            real.sleep(0)
    return real.native_id.fget(thread)  # type: ignore[no-any-return] # as threading has it


def fork() -> int:
    """Stand in for `os.fork`: a child would inherit virtual time and threads that do not run."""
    if here.task is not None:
        raise RuntimeError(
            "os.fork must be called outside a controlled run, got a call from task "
            f"{here.task.name!r}; start processes with spawn, or test with race.stress"
        )
    assert real.fork is not None
    return int(real.fork())
