"""Threads and time as a controlled task meets them: patched in place, real outside a run."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.clock import Instant, to_ns
from pytest_concurrency._core.operations import READ, WRITE, Operation
from pytest_concurrency._engine import outside
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import ENDED, Task, Unwind
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import locks as doubles
from pytest_concurrency._runtimes.threads import real_waits as plain
from pytest_concurrency._runtimes.threads import taking as waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.run import Run

JOINABLE = real.start_joinable_thread is not None
_SLEEP: Operation = ("sleep", ())
_STARTED: Operation = ("started", ())


def start(self: threading.Thread) -> None:
    """Stand in for `Thread.start`."""
    task = here.task
    if task is None:
        if plain.waits.started is not None:
            plain.waits.started(self)
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
    if run.stopping:
        raise run.unwind(task)
    run.reach(task, ("start", ((("task", len(run.tasks)), WRITE),)))
    child = run.add_task(self.name)
    child.thread = self
    child.daemon = self.daemon
    self._concurrency_task = child  # type: ignore[attr-defined] # read by join and is_alive
    _launch(run, child, self)
    run.progress_at = run.steps
    run.note_target(run, child, getattr(self, "_target", None), getattr(self, "_args", ()))
    run.reach(task, _STARTED)  # the child may go first


def _launch(run: Run, child: Task, thread: Any) -> None:
    """Start the OS thread and keep the books that `Thread._bootstrap` would keep."""
    if JOINABLE:
        real.start_joinable_thread(lambda: _thread_main(run, child), handle=thread._handle, daemon=True)
        ident = thread._handle.ident
    else:
        thread._tstate_lock = real.allocate_lock()
        thread._tstate_lock.acquire()
        ident = real.start_new_thread(_thread_main, (run, child))
    child.ident = thread._ident = ident
    thread._started._flag = True
    threading._active[ident] = thread  # type: ignore[attr-defined] # as threading does


def _thread_main(run: Run, task: Task) -> None:
    thread: Any = task.thread
    task.native = thread._native_id = threading.get_native_id()
    hook = thread._invoke_excepthook
    _task_main(run, task, thread.run, hook)


def start_new_thread(
    function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
) -> int:
    """Stand in for `_thread.start_new_thread`."""
    task = here.task
    if task is None:
        return real.start_new_thread(function, args, kwargs or {})
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    run.reach(task, ("start", ((("task", len(run.tasks)), WRITE),)))
    child = run.add_task(f"thread {len(run.tasks)}")

    def body() -> None:
        child.native = threading.get_native_id()
        _task_main(run, child, lambda: function(*args, **(kwargs or {})), None)

    child.ident = real.start_new_thread(body, ())
    run.note_target(run, child, function, args)
    run.reach(task, _STARTED)
    return child.ident


def _task_main(run: Run, task: Task, body: Callable[[], object], hook: Any) -> None:
    """Wait for the first turn, run the body, and hand over for the last time."""
    task.baton.acquire()
    here.task = task
    try:
        if not run.stopping:
            if run.recorder is not None:
                run.recorder.begins(task)
            _install_tracers()
            run.monitor.enter_thread()
            body()
    except (Unwind, SystemExit):
        pass
    except BaseException as error:
        _fail(run, task, error, hook)
    finally:
        run.monitor.leave_thread()
        _finish(run, task)


def _install_tracers() -> None:
    trace, profile = threading.gettrace(), threading.getprofile()
    if profile is not None:
        sys.setprofile(profile)
    if trace is not None:
        sys.settrace(trace)


def _fail(run: Run, task: Task, error: BaseException, hook: Any) -> None:
    """Keep a task's error, unless the scenario has its own `threading.excepthook`."""
    if hook is not None and threading.excepthook is not run.excepthook:
        hook(task.thread)
    else:
        run.errors.append((task, error))


def _finish(run: Run, task: Task) -> None:
    try:
        if not run.stopping:
            run.reach(task, ("end", ((("task", task.id), WRITE),)))
    except Unwind:
        pass
    thread: Any = task.thread
    if thread is not None:
        threading._active.pop(task.ident, None)  # type: ignore[attr-defined] # as threading does
        if JOINABLE:
            thread._handle._set_done()
        else:
            thread._is_stopped = True
            thread._tstate_lock.release()
            thread._tstate_lock = None
    here.task = None
    run.end(task)


def join(self: threading.Thread, timeout: float | None = None) -> None:
    """Stand in for `Thread.join`."""
    task = here.task
    other: Task | None = getattr(self, "_concurrency_task", None)
    if task is None or not self._initialized:  # type: ignore[attr-defined] # as threading does
        if other is None or other.state is not ENDED:
            plain.join(self, timeout)
        return
    if other is task or self is threading.current_thread():
        raise RuntimeError("cannot join current thread")
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    if other is None:
        _join_foreign(task, self, timeout)
        return
    key = (("task", other.id), READ)
    if other.state is ENDED:
        run.reach(task, ("join", (key,)))
        return
    if timeout is not None and timeout <= 0:
        run.reach(task, ("look", (key,)))
        return
    token = 0
    task.timed_out = False
    if timeout is not None:
        token = run.clock.add(run.clock.now_ns + to_ns(timeout), task.id)
    other.joiners.append(task)
    run.block(task, ("join", (key,)), self)
    other.joiners.remove(task)
    if token and not task.timed_out:
        run.clock.cancel(token)


def _join_foreign(task: Task, thread: threading.Thread, timeout: float | None) -> None:
    """Join a thread that is not of this run, in real time."""
    if not thread._started._flag or not real.thread_is_alive(thread):  # type: ignore[attr-defined] # as threading does
        real.thread_join(thread, timeout)
        return
    with outside.step_outside(task.run, task, f"thread {thread.name}, started outside the run"):
        real.thread_join(thread, timeout)


def is_alive(self: threading.Thread) -> bool:
    """Stand in for `Thread.is_alive`."""
    task = here.task
    other: Task | None = getattr(self, "_concurrency_task", None)
    if other is None:
        return real.thread_is_alive(self)
    if task is not None and not task.run.stopping:
        task.run.reach(task, ("look", ((("task", other.id), READ),)))
    return other.state is not ENDED


def is_set(self: threading.Event) -> bool:
    """Stand in for `Event.is_set`: a question that others may answer differently a step later."""
    task = here.task
    if task is not None:
        lock: Any = self._cond._lock  # type: ignore[attr-defined] # as threading does
        if type(lock) is doubles.LockDouble:
            waiting.look(task, lock)
    return self._flag  # type: ignore[attr-defined,no-any-return] # as threading does


def notify(self: threading.Condition, n: int = 1) -> None:
    """Stand in for `Condition.notify`: which waiters are woken is the engine's choice."""
    task = here.task
    if task is not None:
        waiters: Any = self._waiters  # type: ignore[attr-defined] # as threading does
        ours = [each for each in waiters if type(each) is doubles.LockDouble]
        if any(not each.waiters or each.waiters[0].timed_out for each in ours):
            # The order matters: who has seen that its time is up has not been told.
            touched = tuple(access for each in ours for access in each.op_take[1] or ())
            task.run.reach(task, ("notify", touched))
        if 0 < n < len(waiters):
            rest = list(waiters)
            chosen = [rest.pop(task.run.pick(task, len(rest))) for _ in range(n)]
            waiters.clear()
            waiters.extend(chosen + rest)
        task.run.progress_at = task.run.steps
    real.notify(self, n)


def sleep(seconds: float, /) -> None:
    """Stand in for `time.sleep`: virtual in a run."""
    task = here.task
    if task is None:
        real.sleep(seconds)
        return
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    if not seconds:
        run.reach(task, _SLEEP)
        return
    task.timed_out = False
    run.clock.add(run.clock.now_ns + to_ns(seconds), task.id)
    run.block(task, _SLEEP, ("sleep", seconds))


def monotonic() -> float:
    """Stand in for `time.monotonic`; who measures a real wait with it needs the real one."""
    task = here.task
    if task is None or sys._getframe(1).f_globals.get("__name__") == "multiprocessing.connection":
        return real.monotonic()
    return Instant(task.run.clock.now_ns)


def monotonic_ns() -> int:
    """Stand in for `time.monotonic_ns`."""
    task = here.task
    return real.monotonic_ns() if task is None else task.run.clock.now_ns


def perf_counter() -> float:
    """Stand in for `time.perf_counter`."""
    task = here.task
    return real.perf_counter() if task is None else Instant(task.run.clock.now_ns)


def perf_counter_ns() -> int:
    """Stand in for `time.perf_counter_ns`."""
    task = here.task
    return real.perf_counter_ns() if task is None else task.run.clock.now_ns


def wall() -> float:
    """Stand in for `time.time`: moves with the virtual clock."""
    task = here.task
    return real.wall() if task is None else Instant(wall_ns())


def wall_ns() -> int:
    """Stand in for `time.time_ns`."""
    task = here.task
    if task is None:
        return real.wall_ns()
    run = task.run
    return run.wall_start_ns + run.clock.now_ns


def fork() -> int:
    """Stand in for `os.fork`: a child would inherit virtual time and threads that do not run."""
    if here.task is not None:
        raise RuntimeError(
            "os.fork must be called outside a controlled run, got a call from task "
            f"{here.task.name!r}; start processes with spawn, or test with race.stress"
        )
    assert real.fork is not None
    return int(real.fork())
