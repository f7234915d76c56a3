"""Threads, futures and thread pools that are joined with a deadline, and ended if they are stuck."""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.report import Place, Report, TaskState
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._hangs import telling
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.threads import outlook as stall
from pytest_concurrency._runtimes.threads import parking
from pytest_concurrency._runtimes.threads.real_waits import EndThread, waits
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from pytest_concurrency._sight.watching import Watch

GRACE: Final = 1.0  # seconds that threads get for ending when they are told to
CHECK: Final = 0.005
DEEPEST: Final = 12  # frames of a stack that a report shows
_NEVER: Final = Report("ended by the guard")


class JoinedThread:
    """A `threading.Thread`."""

    def __init__(self, thread: threading.Thread, watch: Watch, made: Place | None = None) -> None:
        self.thread = thread
        self.name = thread.name
        self.made = made
        self._watch = watch

    def wait(self, seconds: float | None) -> bool:
        """Join the thread."""
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def errors(self) -> list[BaseException]:
        """Return nothing: a plain thread tells its errors to `threading.excepthook`."""
        return []

    def states(self) -> list[TaskState]:
        """Return where the thread is now."""
        return thread_states([self.thread], self._watch)

    def clean_up(self) -> str:
        """End the thread."""
        return in_words(self.name, stopped=not end_threads([self.thread]))


class Worker(JoinedThread):
    """A thread that keeps what its function returned or raised.

    Attributes:
        failed: Called with the worker when its function raises.
        told: Whether somebody has been given the error.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None,
                 made: Place | None, watch: Watch) -> None:  # fmt: skip
        self._call = (function, args, kwargs)
        self._value: Any = None
        self._error: BaseException | None = None
        self.failed: Callable[[Worker], None] = lambda worker: None
        self.told = False
        thread = threading.Thread(target=self._run, name=name or getattr(function, "__name__", None))
        super().__init__(thread, watch, made)

    def __repr__(self) -> str:
        return f"<worker {self.name}{'' if self.thread.is_alive() else ', ended'}>"

    def _run(self) -> None:
        __tracebackhide__ = True
        function, args, kwargs = self._call
        try:
            self._value = function(*args, **kwargs)
        except (Unwind, SystemExit):
            raise  # as in any thread: an end, no error
        except BaseException as error:
            self._error = error
            self.failed(self)

    def errors(self) -> list[BaseException]:
        """Return what the function raised."""
        self.told = True
        return [] if self._error is None else [self._error]

    @property
    def value(self) -> Any:
        """What the function returned; None while it has not."""
        return self._value


class JoinedFuture:
    """A `concurrent.futures.Future`."""

    def __init__(self, future: Any, watch: Watch, threads: Callable[[], Iterable[threading.Thread]]) -> None:
        self._future = future
        self._watch = watch
        self._threads = threads
        self.name, self.made = naming.describe(future)

    def wait(self, seconds: float | None) -> bool:
        """Wait for the result."""
        base: Any = sys.modules["concurrent.futures._base"]
        try:
            self._future.exception(seconds)
        except base.CancelledError:
            return True
        except base.TimeoutError:
            return bool(self._future.done())
        return True

    def errors(self) -> list[BaseException]:
        """Return what the job raised, or that it was cancelled."""
        base: Any = sys.modules["concurrent.futures._base"]
        try:
            error = self._future.exception(0)
        except base.CancelledError as cancelled:
            return [cancelled]
        return [] if error is None else [error]

    def states(self) -> list[TaskState]:
        """Return that it is pending, and where the threads of the test are."""
        state = "is running" if self._future.running() else "has not begun"
        return [TaskState(self.name, state), *thread_states(self._threads(), self._watch)]

    def clean_up(self) -> str:
        """Cancel the job if it has not begun."""
        return f"{self.name} was cancelled" if self._future.cancel() else ""


class JoinedThreadPool:
    """A `concurrent.futures.ThreadPoolExecutor`, joined by shutting it down."""

    def __init__(self, pool: Any, watch: Watch) -> None:
        self._pool = pool
        self._watch = watch
        self._threads = list(pool._threads)
        self.name, self.made = naming.describe(pool)

    def wait(self, seconds: float | None) -> bool:
        """Let the workers finish what was submitted, and join them."""
        self._pool.shutdown(wait=False)
        self._threads = list(self._pool._threads)
        return join_all(self._threads, seconds)

    def errors(self) -> list[BaseException]:
        """Return nothing: the futures have the errors."""
        return []

    def states(self) -> list[TaskState]:
        """Return where the workers are now."""
        return thread_states(self._threads, self._watch)

    def clean_up(self) -> str:
        """Cancel what has not begun, and end the workers."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        return in_words(self.name, stopped=not end_threads(self._threads))


def join_all(threads: Iterable[threading.Thread], seconds: float | None) -> bool:
    """Join threads, all of them within so many seconds of the caller's clock; tell whether they ended."""
    deadline = None if seconds is None else now() + seconds
    for thread in threads:
        thread.join(None if deadline is None else max(0.0, deadline - now()))
    return not any(thread.is_alive() for thread in threads)


def now() -> float:
    """Return seconds on the clock that the calling thread lives by."""
    task = here.task
    return real.monotonic() if task is None else task.run.clock.now_ns / 1e9


def in_words(name: str, *, stopped: bool) -> str:
    """Say what became of a thread that was to end."""
    if stopped:
        return f"{name} was ended"
    return f"{name} could not be ended: it is left behind, and the process will not wait for it"


# -- where threads are


def thread_states(threads: Iterable[threading.Thread], watch: Watch) -> list[TaskState]:
    """Return where threads are now: what each waits for, or what it does."""
    frames = real.current_frames()
    return [_thread_state(thread, frames.get(thread.ident or 0), watch) for thread in threads]


def _thread_state(thread: Any, frame: FrameType | None, watch: Watch) -> TaskState:
    name: str = thread.name
    if frame is None:
        return TaskState(name, "is not running")
    wait = waits.now.get(thread.ident) or waits.timed.get(thread.ident)
    task = getattr(thread, "_concurrency_task", None)
    if task is not None:
        return naming.task_states([task], watch)[0]
    places = _user_places(frame, watch)
    place, callers = (places[0], tuple(places[1:DEEPEST])) if places else (None, ())
    if wait is not None and wait.ident.thread is thread:
        if wait.idle:
            return TaskState(name, "waits for a job")
        state = telling.wait_states(waits, [wait], watch)[0]
        return TaskState(name, state.state, state.place, state.waiting, callers)
    running = stacks.thread_is_ready(thread.native_id or 0)
    return TaskState(name, "runs" if running else "waits outside", place, None, callers)


def _user_places(frame: FrameType | None, watch: Watch) -> list[Place]:
    places = []
    while frame is not None:
        if watch.is_watched(frame.f_code.co_filename):
            places.append(stacks.frame_place(frame))
        frame = frame.f_back
    return places


def is_ours_to_judge(thread: threading.Thread, watch: Watch) -> bool:
    """Tell whether a thread is neither pytest's own nor of those who serve it."""
    frame = real.current_frames().get(thread.ident or 0)
    return frame is None or not stall.is_infrastructure(thread.ident or 0, frame, watch)


def is_idle(thread: threading.Thread) -> bool:
    """Tell whether a thread is a pool's worker that waits for a job; it ends with the process."""
    wait = waits.now.get(thread.ident or 0)
    return wait is not None and wait.idle


# -- ending them


def end_threads(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Unwind threads that are stuck; return, parked, those that do not end."""
    left = [thread for thread in threads if thread is not threading.current_thread()]
    deadline = real.monotonic() + GRACE
    told: set[threading.Thread] = set()
    while left and real.monotonic() < deadline:
        for thread in left:
            _tell_to_end(thread, told)
        real.sleep(CHECK)
        left = [thread for thread in left if real.thread_is_alive(thread)]
    for thread in left:
        parking.park(thread)
    return left


def _tell_to_end(thread: threading.Thread, told: set[threading.Thread]) -> None:
    """Raise in a thread what unwinds it: at its next slice where it waits, else as soon as possible."""
    ident = thread.ident or 0
    wait = waits.now.get(ident) or waits.timed.get(ident)
    if thread not in told:
        told.add(thread)
        stall.silence(thread, EndThread)
        if wait is None:
            code = ctypes.c_ulong(ident)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(code, ctypes.py_object(EndThread))
    if wait is None or wait.ident.thread is not thread:
        return
    if wait.idle:
        _end_idle(thread)
    else:
        wait.verdict = _NEVER


def _end_idle(thread: Any) -> None:
    """Let a pool's idle worker end as a shut down pool does."""
    args = getattr(thread, "_args", ())
    pool = args[0]() if args and callable(args[0]) else None
    if pool is not None:
        pool.shutdown(wait=False)
