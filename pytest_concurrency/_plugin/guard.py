"""The `guard` fixture: workers that are joined with a deadline, and nothing left behind."""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import itertools
import math
import sys
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pytest_concurrency._core.errors import LeakFound, StuckFound
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.current import here
from pytest_concurrency._plugin.guarded import TIMEOUT, Child, Worker
from pytest_concurrency._runtimes import kinds
from pytest_concurrency._runtimes.joining import Origins, counts, is_a, now
from pytest_concurrency._runtimes.threads.joining import spawn

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Iterator

    from pytest_concurrency._runtimes import joining
    from pytest_concurrency._runtimes.aio.joining import Started
    from pytest_concurrency._runtimes.greenlets.joining import Started as StartedGreenlets
    from pytest_concurrency._runtimes.kinds import Kind
    from pytest_concurrency._runtimes.processes.guarding.started import Started as StartedProcesses
    from pytest_concurrency._sight.watching import Watch

Result = TypeVar("Result")

SETTLE: Final = 0.25  # seconds in which a thread may still do its last instructions


class Guard:
    """Starts workers, joins whatever can be joined, and looks after what a test leaves behind.

    Tests get one as the fixture `guard`.
    """

    def __init__(self, watch: Watch) -> None:
        self._names: set[str] = set()
        self._failed: list[joining.Worker] = []
        self._allowed: list[tuple[str, float]] = []
        self._origins = Origins(watch)
        self._since: list[tuple[Kind, Any]] = []
        self._started: Started | None = None
        self._greenlets: StartedGreenlets | None = None
        self._processes: StartedProcesses | None = None

    def task(self, coroutine: Coroutine[Any, Any, Result], /, *, name: str | None = None) -> asyncio.Task[Result]:
        """Start a task in the running event loop, and keep it.

        Whatever it raises is raised again by `await guard.join(task)`, or at the end of the test if
        nobody has looked; one that has not ended by then is left behind.

        Args:
            coroutine: What it runs.
            name: Its name, the function's name otherwise.
        """
        if self._started is None:
            from pytest_concurrency._runtimes.aio.joining import Started

            self._started = Started(self._origins)
        task: asyncio.Task[Result] = self._started.start(coroutine, name)
        return task

    def gevent(self, function: Callable[..., Any], /, *args: Any, name: str | None = None, **kwargs: Any) -> Any:
        """Start a greenlet of gevent that calls `function(*args, **kwargs)`, and keep it.

        Whatever it raises is raised again by `guard.join(greenlet)`, by its own `get`, or at the end of
        the test if nobody has looked; one that has not ended by then is left behind. To be killed is
        an end like others.

        Args:
            function: What to call.
            *args: Its arguments.
            name: Name of the greenlet, the function's name otherwise.
            **kwargs: Its keyword arguments.

        Returns:
            The `gevent.Greenlet`, started.
        """
        if not callable(function):
            raise TypeError(f"guard.gevent takes a function, got {function!r}")
        call = functools.partial(function, **kwargs) if kwargs else function
        called = name or str(getattr(function, "__name__", type(function).__name__))
        return self._of_gevent().start(call, args, called)

    def _of_gevent(self) -> StartedGreenlets:
        if self._greenlets is None:
            try:
                import gevent  # type: ignore[import-untyped] # noqa: F401
            except ImportError as error:
                raise RuntimeError(f"guard.gevent must find gevent, got {error}; pip install gevent") from None
            from pytest_concurrency._runtimes.greenlets.joining import Started as StartedGreenlets

            self._greenlets = StartedGreenlets(self._origins)
            known = {kind.name for kind, _ in self._since}
            self._since += [(each, each.since(self._origins)) for each in kinds.every() if each.name not in known]
        return self._greenlets

    def process(
        self, function: Callable[..., Any], /, *args: Any, name: str | None = None, method: str | None = None,
        **kwargs: Any,
    ) -> Child:  # fmt: skip
        """Start a process of multiprocessing that calls `function(*args, **kwargs)`.

        Whatever it raises is raised again where it is joined, with a traceback of its lines, or at the
        end of the test if nobody has joined it; one that has not ended by then is left behind.

        Args:
            function: What to call.
            *args: Its arguments.
            name: Name of the process, the function's name otherwise.
            method: How it is started: "fork", "spawn" or "forkserver"; None for the usual way.
            **kwargs: The function's keyword arguments.
        """
        if not callable(function):
            raise TypeError(f"guard.process takes a function, got {function!r}")
        if self._processes is None:
            from pytest_concurrency._runtimes.processes.guarding.started import Started as StartedProcesses

            self._processes = StartedProcesses(self._origins)
        called = name or str(getattr(function, "__name__", type(function).__name__))
        return Child(self.join, self._processes.start(function, args, kwargs, called, method))

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
        name = name or self._free_name(function)
        if here.task is None:
            self._names.add(name)
        return Worker(
            self.join, spawn(functools.partial(function, *args, **kwargs), name, self._origins, self._failed.append)
        )

    def _free_name(self, function: Callable[..., Any]) -> str:
        wanted = getattr(function, "__name__", type(function).__name__)
        names = itertools.chain([wanted], (f"{wanted}-{number}" for number in itertools.count(2)))
        return next(each for each in names if each not in self._names)

    def join(self, *workers: Any, timeout: float = TIMEOUT, check: bool = True) -> Any:
        """Wait until all of these have ended, `timeout` seconds for all of them together.

        Takes what `spawn` returned, `Thread`, `Future`, `Executor` (which it shuts down),
        `multiprocessing.Process`, `subprocess.Popen`, and greenlets, groups and pools of gevent. Who is stuck
        is named with its stack, what it waits for and who holds that, and is then ended. With a task
        of asyncio among them it is `await guard.join(...)`, in the loop of the task.

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
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout < math.inf:
            raise ValueError(f"timeout must be a finite number >= 0, got {timeout!r}")
        joined = [self._wrap(worker) for worker in workers]
        if any(_is_awaited(worker) for worker in workers):
            return self._join_in_loop(joined, timeout, check=check)
        deadline = now() + timeout
        pairs = zip(joined, workers, strict=True)
        # While a greenlet is waited for its loop runs: others may need that.
        in_turn = [each for each, _ in sorted(pairs, key=lambda pair: not _is_green(pair[1]))]
        ended = {id(each) for each in in_turn if each.wait(max(0.0, deadline - now()))}
        stuck = [each for each in joined if id(each) not in ended]
        return self._tell(joined, stuck, timeout, check=check)

    async def _join_in_loop(
        self, joined: list[joining.Joinable], timeout: float, *, check: bool
    ) -> None:  # for all together
        __tracebackhide__ = True
        from pytest_concurrency._runtimes.aio.joining import wait_all

        self._tell(joined, await wait_all(joined, timeout), timeout, check=check)

    def _tell(
        self, joined: list[joining.Joinable], stuck: list[joining.Joinable], timeout: float, *, check: bool
    ) -> None:
        __tracebackhide__ = True
        errors = [error for each in joined if each not in stuck for error in each.errors(check=check)]
        for error in errors:
            for note in (note for kind, since in self._since for note in kind.notes(error, since)):
                error.add_note(note)
        if stuck:
            errors.append(self._stuck(stuck, timeout))
        _raise(errors, "several workers failed")

    def allow(self, pattern: str, *, timeout: float = TIMEOUT) -> None:
        """Let threads and child processes of that name outlive the test, as long as they end soon.

        They are waited for at the end of the test instead of being named at once. A task is not: its loop has ended.

        Args:
            pattern: Their name, with `*` and `?` as in a shell.
            timeout: Seconds in which they must have ended.
        """
        self._allowed.append((pattern, timeout))

    # -- joining

    def _wrap(self, worker: Any) -> joining.Joinable:
        if isinstance(worker, Worker | Child):
            return worker.joined
        if self._processes is not None and (started := self._processes.of(worker)) is not None:
            return started
        known = kinds.every()
        for kind in known:
            found = kind.joinable(worker, self._origins.watch, self._origins.of(worker))
            if found is not None:
                return found
        if _is_task(worker):
            from pytest_concurrency._runtimes.aio.joining import JoinedTask

            return JoinedTask(worker, self._origins.watch, self._origins.of(worker))
        *others, last = (word for kind in known for word in kind.joins)
        raise TypeError(f"guard.join takes {', '.join(others)} and {last}, got {worker!r}")

    def _stuck(self, stuck: list[joining.Joinable], timeout: float) -> StuckFound:
        names = ", ".join(each.name for each in stuck)
        states = [state for each in stuck for state in each.states()]
        seen = {state.name for state in states}
        others = [state for kind, since in self._since for state in kind.bystanders(since) if state.name not in seen]
        notes = [f"{each.name} was made at {each.made}" for each in stuck if each.made is not None]
        if here.task is None:
            notes += [text for each in stuck if (text := each.clean_up())]
        clock = "s" if here.task is None else "s of virtual time"
        headline = f"{names} had not ended after {timeout:g} {clock}"
        return StuckFound(explain.standing(headline, dict.fromkeys([*states, *others]), notes=notes))

    # -- the test around it

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        self._since = [(kind, kind.since(self._origins)) for kind in kinds.every()]
        with contextlib.ExitStack() as stack:
            stack.callback(self._forget_processes)
            if here.task is not None:  # the engine looks after a scenario's threads
                yield
                self.raise_errors()
                return
            for kind, since in self._since:
                stack.enter_context(kind.noting(since))
            try:
                yield
            finally:
                self._clean_up()

    def _forget_processes(self) -> None:
        if self._processes is not None:
            self._processes.forget()

    def raise_errors(self) -> None:
        """Raise what workers raised and nobody has been told."""
        __tracebackhide__ = True
        errors = [error for kind, since in self._since for error in kind.errors(since)]
        for started in (self._started, self._greenlets, self._processes):
            errors += [] if started is None else started.errors()
        for worker in self._failed:
            if not worker.told and counts(worker.run):
                errors += worker.errors()
        self._failed.clear()
        _raise(errors, "several threads failed")

    def _clean_up(self) -> None:
        __tracebackhide__ = True
        leaked = [each for kind, since in self._since for each in kind.left_behind(since)]
        leaked += [] if self._started is None else self._started.left_behind()
        inside = [part for each in leaked for part in getattr(each, "parts", ())]
        leaked = [each for each in leaked if getattr(each, "thread", None) not in inside]
        leaked = [each for each in leaked if not each.wait(self._patience_for(each.name))]
        failed = self._failed_late()
        if not leaked:
            if failed is not None:
                raise failed
            return
        states = dict.fromkeys(state for each in leaked for state in each.states())
        made = [each for each in leaked if each.made is not None]
        notes = [f"{each.name} was {getattr(each, 'came', 'started')} at {each.made}" for each in made]
        notes += [text for each in leaked if (text := each.clean_up())]
        names = ", ".join(each.name for each in leaked)
        leak = LeakFound(
            explain.standing(
                f"the test left behind: {names}",
                states,
                notes=notes,
                cause="nobody joins them, or stops them, before the test ends: use guard.join; a thread or process "
                "that may end a little later is named in guard.allow",
            )
        )
        if failed is not None:
            raise ExceptionGroup("a failing thread, and a leak", [failed, leak]) from None
        raise leak

    def _failed_late(self) -> Exception | None:
        """Return what `raise_errors` raises, as an exception: after any other, pytest would leave fixtures standing."""
        try:
            self.raise_errors()
        except Exception as error:
            return error
        except BaseException as error:
            told = RuntimeError(f"{type(error).__name__} was raised: {error}")
            told.__cause__ = error
            return told
        return None

    def _patience_for(self, name: str) -> float:
        bare = name.removeprefix("process ").strip("`")
        fits = [
            seconds for pattern, seconds in self._allowed if {name, bare} & set(fnmatch.filter({name, bare}, pattern))
        ]
        return max(fits, default=SETTLE)


def _is_task(thing: Any) -> bool:
    """Tell whether something is a task or a future of asyncio, which is not imported for that."""
    return is_a(thing, "asyncio", "Future")


def _is_green(thing: Any) -> bool:
    """Tell whether something is a greenlet of gevent or a group of them."""
    return is_a(thing, "gevent", "Greenlet") or is_a(thing, "gevent.pool", "Group")


def _is_awaited(thing: Any) -> bool:
    """Tell whether something is to be awaited: a task, but for one that has ended and is joined outside of a loop."""
    return _is_task(thing) and (not thing.done() or sys.modules["asyncio"]._get_running_loop() is not None)


def _raise(errors: list[BaseException], text: str) -> None:
    __tracebackhide__ = True
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup(text, errors)
