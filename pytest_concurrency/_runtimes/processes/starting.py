"""Processes of multiprocessing as a controlled task meets them: start, join, and the life of one."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.operations import READ, WRITE, Operation
from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._runtimes.processes import failing, link
from pytest_concurrency._runtimes.processes.remote import RemoteTask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.board import Board
    from pytest_concurrency._runtimes.processes.child import ChildRun

_STARTED: Final[Operation] = ("started", ())
_LOOSE: Final = frozenset({"multiprocessing.pool", "concurrent.futures.process", "multiprocessing.managers"})
"""Whose processes are not under control: their work is handed out by threads and pipes of their own."""


class Starting:
    """What stands in for the methods of `multiprocessing.process.BaseProcess`."""

    def __init__(self, board: Board) -> None:
        from multiprocessing import process

        self._board = board
        self._real: Any = process.BaseProcess
        self._originals = {name: getattr(process.BaseProcess, name) for name in _METHODS}

    def install(self, patches: Patches) -> None:
        """Put them in place."""
        for name in ("start", "join", "is_alive", "_bootstrap"):
            patches.set(self._real, name, _method(getattr(self, name.removeprefix("_"))))
        patches.set(self._real, "exitcode", property(self.exitcode))

    def start(self, process: Any) -> None:
        """Stand in for `start`."""
        task = self._board.task()
        if task is None:
            self._originals["start"](process)
        elif task.run.stopping:
            raise task.run.unwind(task)
        else:
            _start(self._board, task, process, self._originals["start"])

    def join(self, process: Any, timeout: float | None = None) -> None:
        """Stand in for `join`."""
        task = self._board.task()
        remote = _remote(process, task)
        if task is not None and remote is not None:
            _join(task, remote, timeout)
            if remote.state is not ENDED:
                return
            with _uncontrolled():
                self._originals["join"](process)
        else:
            self._originals["join"](process, timeout)

    def is_alive(self, process: Any) -> bool:
        """Stand in for `is_alive`."""
        if _is_there(self._board, process):
            return True
        with _uncontrolled():
            return bool(self._originals["is_alive"](process))

    def exitcode(self, process: Any) -> int | None:
        """Stand in for `exitcode`: who asks for it judges himself how a process has ended."""
        remote = _remote(process, self._board.task())
        if remote is not None:
            remote.child.asked()
        if _is_there(self._board, process):
            return None
        with _uncontrolled():
            code: int | None = self._originals["exitcode"].fget(process)
        return code

    def bootstrap(self, process: Any, *args: Any, **kwargs: Any) -> int:
        """Stand in for what a child process begins with."""
        line = process.__dict__.pop("_concurrency_line", None)
        if line is None:
            return int(self._originals["_bootstrap"](process, *args, **kwargs))
        return _live(self._board, process, line, lambda: self._originals["_bootstrap"](process, *args, **kwargs))


_METHODS: Final = ("start", "join", "is_alive", "exitcode", "_bootstrap")


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that becomes a method where it is put into a class."""
    return lambda *args, **kwargs: function(*args, **kwargs)


@contextlib.contextmanager
def _uncontrolled() -> Iterator[None]:
    """Let what the body calls be real."""
    task = here.task
    if task is not None:
        task.begins_work()
    here.become(None)
    try:
        yield
    finally:
        here.become(task)
        if task is not None:
            task.has_worked()


def _remote(process: Any, task: Task | None) -> RemoteTask | None:
    """Return the task that a process is in the present run, if it is one."""
    found = process.__dict__.get("_concurrency_task")
    return found if task is not None and isinstance(found, RemoteTask) and found.run is task.run else None


def _start(board: Board, task: Task, process: Any, started: Callable[[Any], None]) -> None:
    run = task.run
    if type(process).__module__ in _LOOSE or getattr(process._target, "__module__", "") in _LOOSE:
        board.lets_loose(task, process)
        with _uncontrolled():
            started(process)
        return
    run.reach(task, ("start", ((("task", len(run.tasks)), WRITE),)))
    task.begins_work()
    try:
        remote = _launched(board, task, process, started)
    finally:
        task.has_worked()
    run.add(remote)
    remote.launch()
    run.progressed()
    run.reach(task, _STARTED)


def _launched(board: Board, task: Task, process: Any, started: Callable[[Any], None]) -> RemoteTask:
    """Start the process of the system, with a line to it."""
    ours, theirs = link.pair()
    vars(process)["_concurrency_line"] = (len(task.run.tasks), ours, theirs)
    try:
        with _uncontrolled(), _no_warning():
            started(process)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
        del vars(process)["_concurrency_line"]
    remote = board.starts(task, process, ours)
    vars(process)["_concurrency_task"] = remote
    return remote


@contextlib.contextmanager
def _no_warning() -> Iterator[None]:
    """Let a fork not be warned of for threads that are ours: one of them runs at a time."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")
        yield


def _join(task: Task, remote: RemoteTask, timeout: float | None) -> None:
    run = task.run
    if run.stopping:
        raise run.unwind(task)
    key = (("task", remote.id), READ)
    if remote.state is ENDED:
        run.reach(task, ("join", (key,)))
    elif timeout is not None and timeout <= 0:
        run.reach(task, ("look", (key,)))
    else:
        task.join(remote, ("join", (key,)), None if timeout is None else to_ns(timeout))


def _is_there(board: Board, process: Any) -> bool:
    """Offer the switch that belongs before a question about a process; tell whether it has not ended."""
    task = board.task()
    remote = _remote(process, task)
    if task is None or remote is None:
        return False
    if not task.run.stopping:
        task.run.reach(task, ("look", ((("task", remote.id), READ),)))
    return remote.state is not ENDED


# -- in the child


def _live(board: Board, process: Any, given: tuple[int, Any, Any], bootstrap: Callable[[], int]) -> int:
    """Be a child process of the run, to its end."""
    number, ours, theirs = given
    ours.close()
    run = board.becomes_child(process, number, theirs)
    _announce(run)
    target = process.run

    def go() -> None:
        try:
            target()
        except SystemExit:
            raise
        except BaseException as error:
            run.tell("failed", process.name, failing.packed(error, run.watch))
            raise

    vars(process)["run"] = go
    return bootstrap()


def _announce(run: ChildRun) -> None:
    """Let the end of this process be a step of the run; nothing of the child comes after it."""
    leave: Any = os._exit

    def end(status: int) -> None:
        os._exit = leave
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        run.ask(run.root if here.task is None else here.task, "exit")
        leave(status)

    os._exit = end  # type: ignore[assignment] # of this process alone
