"""The `guard` fixture: workers that are joined with a deadline, and nothing left behind."""

from __future__ import annotations

import contextlib
import fnmatch
import itertools
import sys
import threading
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from pytest_concurrency._core.errors import LeakFound, StuckFound
from pytest_concurrency._core.telling.report import Place, Report
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes import joining as processes
from pytest_concurrency._runtimes.threads import joining as threads
from pytest_concurrency._runtimes.threads import parking
from pytest_concurrency._runtimes.threads.installing import Patches
from pytest_concurrency._runtimes.threads.real_waits import EndThread, waits
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._runtimes.joining import Joinable
    from pytest_concurrency._sight.watching import Watch

TIMEOUT: Final = 10.0
SETTLE: Final = 0.25  # seconds in which a thread may still do its last instructions


class Worker:
    """A thread that `guard.spawn` has started."""

    def __init__(self, guard: Guard, worker: threads.Worker) -> None:
        self._guard = guard
        self._worker = worker

    def __repr__(self) -> str:
        return repr(self._worker)

    @property
    def name(self) -> str:
        """The name of the thread."""
        return self._worker.name

    @property
    def thread(self) -> threading.Thread:
        """The thread itself."""
        return self._worker.thread

    def is_alive(self) -> bool:
        """Tell whether it has not ended."""
        return self._worker.thread.is_alive()

    def result(self, timeout: float = TIMEOUT) -> Any:
        """Return what the function returned, once it has.

        Raises:
            Exception: What the function raised, with its own traceback.
            StuckFound: It had not ended after `timeout` seconds; the message says where it is.
        """
        __tracebackhide__ = True
        self._guard.join(self, timeout=timeout)
        return self._worker.value


class Guard:
    """Starts workers, joins whatever can be joined, and looks after what a test leaves behind.

    Tests get one as the fixture `guard`.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._workers: list[threads.Worker] = []
        self._failed: list[threads.Worker] = []
        self._allowed: list[tuple[str, float]] = []
        self._sites: WeakKeyDictionary[Any, Place] = WeakKeyDictionary()
        self._popens: list[Any] = []
        self._errors: list[BaseException] = []
        self._before: set[threading.Thread] = set()
        self._children_before: set[int] = set()
        self._patches = Patches()

    def spawn(self, function: Callable[..., Any], /, *args: Any, name: str | None = None, **kwargs: Any) -> Worker:
        """Start a thread that calls `function(*args, **kwargs)`.

        Whatever it raises is raised again where it is joined, or at the end of the test.

        Args:
            function: What to call.
            *args: Its arguments.
            name: Name of the thread, the function's name otherwise.
            **kwargs: Its keyword arguments.
        """
        if not callable(function):
            raise TypeError(f"guard.spawn takes a function, got {function!r}")
        made = self._caller()
        worker = threads.Worker(function, args, kwargs, self._free_name(name, function), made, self._watch)
        worker.failed = self._failed.append
        if here.task is None:
            self._workers.append(worker)
        worker.thread.start()
        return Worker(self, worker)

    def _free_name(self, name: str | None, function: Callable[..., Any]) -> str:
        if name is not None:
            return name
        wanted = getattr(function, "__name__", type(function).__name__)
        taken = {worker.name for worker in self._workers}
        names = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
        return next(each for each in names if each not in taken)

    def join(self, *workers: Any, timeout: float = TIMEOUT, check: bool = True) -> None:
        """Wait until all of these have ended, `timeout` seconds for all of them together.

        Takes what `spawn` returned, `Thread`, `Future`, `Executor` (which it shuts down),
        `multiprocessing.Process` and `subprocess.Popen`. Who is stuck is named with its stack, what
        it waits for and who holds that, and is then ended.

        Args:
            *workers: What to join.
            timeout: Seconds, of virtual time inside a scenario.
            check: Whether a child's exit status counts: for a `Process` any status but 0 is an
                error, for a `Popen` only death by a signal.

        Raises:
            StuckFound: Some had not ended in time.
            ChildFailed: A child process ended badly.
            Exception: What a worker raised, with its own traceback; an ExceptionGroup if several did.
        """
        __tracebackhide__ = True
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout >= 0:
            raise ValueError(f"timeout must be >= 0, got {timeout!r}")
        joined = [self._wrap(worker) for worker in workers]
        deadline = threads.now() + timeout
        stuck = [each for each in joined if not each.wait(max(0.0, deadline - threads.now()))]
        errors: list[BaseException] = []
        for each in joined:
            if each not in stuck and (check or not isinstance(each, processes.JoinedChild)):
                errors += each.errors()
        if stuck:
            errors.append(self._stuck(stuck, timeout))
        _raise(errors, "several workers failed")

    def allow(self, pattern: str, *, timeout: float = TIMEOUT) -> None:
        """Let threads and child processes of that name outlive the test, as long as they end soon.

        They are waited for at the end of the test instead of being named at once.

        Args:
            pattern: Their name, with `*` and `?` as in a shell.
            timeout: Seconds in which they must have ended.
        """
        self._allowed.append((pattern, timeout))

    # -- joining

    def _wrap(self, worker: Any) -> Joinable:
        if isinstance(worker, Worker):
            return worker._worker
        if isinstance(worker, threading.Thread):
            return threads.JoinedThread(worker, self._watch, self._sites.get(worker))
        known = _known_kind(worker)
        if known == "Process":
            return processes.from_process(worker, self._sites.get(worker))
        if known == "Popen":
            return processes.from_popen(worker, self._sites.get(worker))
        if known == "Future":
            return threads.JoinedFuture(worker, self._watch, self._new_threads)
        if known == "ThreadPoolExecutor":
            return threads.JoinedThreadPool(worker, self._watch)
        if known == "ProcessPoolExecutor":
            name, made = naming.describe(worker)
            return processes.JoinedProcessPool(worker, name, made)
        raise TypeError(f"guard.join takes threads, futures, executors and processes, got {worker!r}")

    def _stuck(self, stuck: list[Joinable], timeout: float) -> StuckFound:
        names = ", ".join(each.name for each in stuck)
        states = [state for each in stuck for state in each.states()]
        seen = {state.name for state in states}
        others = threads.thread_states([t for t in self._new_threads() if t.name not in seen], self._watch)
        notes = [f"{each.name} was made at {each.made}" for each in stuck if each.made is not None]
        if here.task is None:
            notes += [text for each in stuck if (text := each.clean_up())]
        clock = "s" if here.task is None else "s of virtual time"
        return StuckFound(
            Report(
                f"{names} had not ended after {timeout:g} {clock}",
                tasks=tuple(dict.fromkeys([*states, *others])),
                notes=tuple(notes),
            )
        )

    def _new_threads(self) -> list[threading.Thread]:
        me = threading.current_thread()
        found = [thread for thread in threading.enumerate() if thread not in self._before and thread is not me]
        return [
            thread
            for thread in found
            if real.thread_is_alive(thread)
            and thread not in parking.parked.threads
            and threads.is_ours_to_judge(thread, self._watch)
        ]

    def _caller(self) -> Place | None:
        frame = stacks.user_frame(sys._getframe(2), self._watch)
        return stacks.frame_place(frame) if frame is not None else None

    # -- the test around it

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        if here.task is not None:  # the engine looks after a scenario's threads
            yield
            self.raise_errors()
            return
        self._before = set(threading.enumerate())
        self._children_before = processes.children()
        before, waits.started = waits.started, self._thread_starts
        self._patch()
        try:
            yield
        finally:
            try:
                self._clean_up()
            finally:
                waits.started = before
                self._patches.undo()

    def _patch(self) -> None:
        original = threading.excepthook

        def hook(args: Any, /) -> None:
            if args.exc_value is None or isinstance(args.exc_value, EndThread):
                return
            if args.thread in self._before:
                original(args)
            else:
                self._errors.append(args.exc_value)

        self._patches.set(threading, "excepthook", hook)
        subprocess: Any = sys.modules.get("subprocess")
        if subprocess is not None:
            self._patches.set(subprocess.Popen, "__init__", self._noting(subprocess.Popen.__init__, self._popens))
        process: Any = sys.modules.get("multiprocessing.process")
        if process is not None:
            self._patches.set(process.BaseProcess, "start", self._noting(process.BaseProcess.start, []))

    def _noting(self, original: Callable[..., Any], kept: list[Any]) -> Callable[..., Any]:
        """Wrap a method that starts a child, so that the place is kept."""

        def method(child: Any, *args: Any, **kwargs: Any) -> Any:
            place = self._caller()
            result = original(child, *args, **kwargs)
            if place is not None:
                self._sites[child] = place
            kept.append(child)
            return result

        return method

    def _thread_starts(self, thread: threading.Thread) -> None:
        frame = stacks.user_frame(sys._getframe(2), self._watch)
        if frame is not None:
            self._sites[thread] = stacks.frame_place(frame)

    def raise_errors(self) -> None:
        """Raise what workers raised and nobody has been told."""
        __tracebackhide__ = True
        errors = [*self._errors]
        self._errors.clear()
        for worker in self._failed:
            if not worker.told:
                errors += worker.errors()
        self._failed.clear()
        _raise(errors, "several threads failed")

    def _clean_up(self) -> None:
        __tracebackhide__ = True
        leaked = [*self._leaked_threads(), *self._leaked_children()]
        leaked = [each for each in leaked if not each.wait(self._patience_for(each.name))]
        if not leaked:
            self.raise_errors()
            return
        states = tuple(state for each in leaked for state in each.states())
        notes = [f"{each.name} was started at {each.made}" for each in leaked if each.made is not None]
        notes += [text for each in leaked if (text := each.clean_up())]
        names = ", ".join(each.name for each in leaked)
        leak = LeakFound(
            Report(
                f"the test left behind: {names}",
                tasks=tuple(dict.fromkeys(states)),
                notes=tuple(notes),
                cause="nobody joins them, or stops them, before the test ends: use guard.join, or say "
                "guard.allow with their name if they may end a little later",
            )
        )
        try:
            self.raise_errors()
        except BaseException as error:
            raise BaseExceptionGroup("a failing thread, and a leak", [error, leak]) from None
        raise leak

    def _patience_for(self, name: str) -> float:
        bare = name.removeprefix("process ").strip("`")
        fits = [
            seconds for pattern, seconds in self._allowed if {name, bare} & set(fnmatch.filter({name, bare}, pattern))
        ]
        return max(fits, default=SETTLE)

    def _leaked_threads(self) -> list[Joinable]:
        spawned = {worker.thread: worker for worker in self._workers}
        return [
            spawned.get(thread) or threads.JoinedThread(thread, self._watch, self._sites.get(thread))
            for thread in self._new_threads()
        ]

    def _leaked_children(self) -> list[Joinable]:
        found: list[Joinable] = []
        known = set()
        multiprocessing: Any = sys.modules.get("multiprocessing.process")
        active = multiprocessing.active_children() if multiprocessing is not None else ()
        for child in active:
            known.add(child.pid)
            if child.pid not in self._children_before:
                found.append(processes.from_process(child, self._sites.get(child)))
        for popen in self._popens:
            pid = getattr(popen, "pid", None)
            if pid is not None and popen.poll() is None:
                known.add(pid)
                found.append(processes.from_popen(popen, self._sites.get(popen)))
        rest = processes.children() - self._children_before - known
        return found + [processes.from_pid(pid) for pid in sorted(rest)]


def _known_kind(worker: Any) -> str:
    """Return which class of the standard library a worker is of, without importing any."""
    for module, name in _KINDS:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(worker, kind):
            return "Process" if name == "BaseProcess" else name
    return ""


_KINDS: Final = (
    ("multiprocessing.process", "BaseProcess"),
    ("subprocess", "Popen"),
    ("concurrent.futures._base", "Future"),
    ("concurrent.futures.thread", "ThreadPoolExecutor"),
    ("concurrent.futures.process", "ProcessPoolExecutor"),
)


def _raise(errors: list[BaseException], text: str) -> None:
    __tracebackhide__ = True
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup(text, errors)
