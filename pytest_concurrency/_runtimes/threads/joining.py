"""Threads, futures and thread pools that are joined with a deadline, and ended if they are stuck."""

from __future__ import annotations

import contextlib
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import Place, TaskState
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._hangs.book import EndThread, waits
from pytest_concurrency._machine import real
from pytest_concurrency._machine.patches import Patches
from pytest_concurrency._runtimes.joining import is_a, now, present_run
from pytest_concurrency._runtimes.threads import parking
from pytest_concurrency._runtimes.threads.ending_threads import end_threads, in_words, is_ours_to_judge, thread_states

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch


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

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return nothing: a plain thread tells its errors to `threading.excepthook`."""
        return []

    def states(self) -> list[TaskState]:
        """Return where the thread is now."""
        return thread_states([self.thread], self._watch)

    def clean_up(self) -> str:
        """End the thread."""
        return in_words(self.name, stopped=not end_threads([self.thread]))


class SpawnedThread(JoinedThread):
    """A thread that keeps what its function returned or raised.

    Args:
        call: Runs in the thread.
        name: The name of the thread.
        made: Where it is started, if that is known.
        watch: Whose code a report shows.
        failed: Called with the worker when `call` raises.

    Attributes:
        told: Whether somebody has been given the error.
        run: In which run it was started; None for none.
    """

    def __init__(self, call: Callable[[], Any], name: str, made: Place | None, watch: Watch,
                 failed: Callable[[SpawnedThread], None]) -> None:  # fmt: skip
        self._call = call
        self._failed = failed
        self.run = present_run()
        self._value: Any = None
        self._error: BaseException | None = None
        self.told = False
        super().__init__(threading.Thread(target=self._run, name=name), watch, made)

    def __repr__(self) -> str:
        return f"<worker {self.name}{'' if self.thread.is_alive() else ', ended'}>"

    def _run(self) -> None:
        __tracebackhide__ = True
        try:
            self._value = self._call()
        except (Unwind, SystemExit):
            raise  # as in any thread: an end, no error
        except BaseException as error:
            self._error = error
            self._failed(self)

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what the function raised."""
        self.told = True
        return [] if self._error is None else [self._error]

    @property
    def value(self) -> Any:
        """What the function returned; None while it has not."""
        return self._value


class JoinedFuture:
    """A `concurrent.futures.Future`."""

    def __init__(self, future: Any) -> None:
        self._future = future
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

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what the job raised, or that it was cancelled."""
        base: Any = sys.modules["concurrent.futures._base"]
        try:
            error = self._future.exception(0)
        except base.CancelledError as cancelled:
            return [cancelled]
        return [] if error is None else [error]

    def states(self) -> list[TaskState]:
        """Return that it is pending."""
        return [TaskState(self.name, "is running" if self._future.running() else "has not begun")]

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

    def errors(self, *, check: bool = True) -> list[BaseException]:
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


def spawn(
    call: Callable[[], Any], name: str, origins: Origins, failed: Callable[[SpawnedThread], None]
) -> SpawnedThread:
    """Start a thread that keeps what `call` returns or raises, and tell `failed` if it raises."""
    worker = SpawnedThread(call, name, origins.caller(), origins.watch, failed)
    origins.note(worker.thread)
    worker.thread.start()
    return worker


def joinable(thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
    """Wrap a thread, a future or a pool of threads; None for anything else."""
    if isinstance(thing, threading.Thread):
        return JoinedThread(thing, watch, made)
    if is_a(thing, "concurrent.futures._base", "Future"):
        return JoinedFuture(thing)
    if is_a(thing, "concurrent.futures.thread", "ThreadPoolExecutor"):
        return JoinedThreadPool(thing, watch)
    return None


# -- the threads of a test


@dataclass(frozen=True, slots=True)
class Since:
    """The threads that were there when a test began.

    Attributes:
        origins: Where threads are started.
        before: Those that are none of the test's.
        errors: What ended a thread without anybody being told.
    """

    origins: Origins
    before: frozenset[threading.Thread]
    errors: list[BaseException] = field(default_factory=list)

    def threads(self) -> list[threading.Thread]:
        """Return the threads that came later and that are still there."""
        me = threading.current_thread()
        found = [thread for thread in threading.enumerate() if thread not in self.before and thread is not me]
        return [
            thread
            for thread in found
            if real.thread_is_alive(thread)
            and thread not in parking.parked.threads
            and is_ours_to_judge(thread, self.origins.watch)
        ]


@contextlib.contextmanager
def noting(since: Since) -> Iterator[None]:
    """Note where threads are started, and keep the errors of those that nobody catches."""
    original = threading.excepthook
    patches = Patches()
    tell_no_more = waits.tell_starts(since.origins.note)

    def hook(args: Any, /) -> None:
        if args.exc_value is None or isinstance(args.exc_value, EndThread):
            return
        if args.thread in since.before:
            original(args)
        else:
            since.errors.append(args.exc_value)

    patches.set(threading, "excepthook", hook)
    try:
        yield
    finally:
        tell_no_more()
        patches.undo()


def left_behind(since: Since) -> list[Joinable]:
    """Return the threads that a test has left."""
    origins = since.origins
    return [JoinedThread(thread, origins.watch, origins.of(thread)) for thread in since.threads()]
