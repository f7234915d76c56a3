"""Processes of multiprocessing as a controlled task meets them: start, join, and the life of one."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.clock import to_ns
from pytest_concurrency._core.operations import WRITE, Operation
from pytest_concurrency._engine.current import here
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes import failing, link, outer, spawned
from pytest_concurrency._runtimes.processes.free import tracker_is_free, uncontrolled
from pytest_concurrency._sight.catalogue import catalogue

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
        tracker_is_free(patches)
        watch = self._board.watch
        patches.set(self._real, "__reduce_ex__", lambda process, protocol: spawned.reduced(process, protocol, watch))

    def start(self, process: Any) -> None:
        """Stand in for `start`."""
        task = here.task
        if task is None:
            self._originals["start"](process)
        elif task.run.stopping:
            raise task.run.unwind(task)
        else:
            _start(self._board, task, process, self._originals["start"])

    def join(self, process: Any, timeout: float | None = None) -> None:
        """Stand in for `join`."""
        task = self._board.task()
        kin = _kin(process, task)
        if task is None or kin is None:
            self._originals["join"](process, timeout)
            return
        if task.run.stopping:
            raise task.run.unwind(task)
        if self._board.desk.joins(task, kin.number, None if timeout is None else to_ns(max(timeout, 0))):
            self._board.has_met(process)
            with uncontrolled():
                self._originals["join"](process)

    def is_alive(self, process: Any) -> bool:
        """Stand in for `is_alive`."""
        return self._is_there(process) or bool(self._over(process, self._originals["is_alive"]))

    def exitcode(self, process: Any) -> Any:
        """Stand in for `exitcode`: who asks for it judges himself how a process has ended."""
        task = self._board.task()
        kin = _kin(process, task)
        if task is not None and kin is not None:
            self._board.desk.judges(task, kin.number)
        return None if self._is_there(process) else self._over(process, self._originals["exitcode"].fget)

    def _is_there(self, process: Any) -> bool:
        task = self._board.task()
        kin = _kin(process, task)
        if task is None or kin is None or task.run.stopping:
            return False
        return self._board.desk.is_there(task, kin.number)

    def _over(self, process: Any, ask: Callable[[Any], Any]) -> Any:
        """Ask the system about a process that has ended, as far as the run knows; wait for it to have done so."""
        task = self._board.task()
        has_ended = task is not None and not task.run.stopping and _kin(process, task) is not None
        with uncontrolled():
            if has_ended:
                self._board.has_met(process)
                self._originals["join"](process)
            return ask(process)

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


@dataclass(frozen=True, slots=True)
class Kin:
    """What a process object is in a run.

    Attributes:
        run: The run.
        number: The number of its main thread there.
    """

    run: Any
    number: int


def _kin(process: Any, task: Task | None) -> Kin | None:
    """Return what a process is in the present run, if it is anything there."""
    found: Kin | None = process.__dict__.get("_concurrency_kin")
    return found if task is not None and found is not None and found.run is task.run else None


def _start(board: Board, task: Task, process: Any, started: Callable[[Any], None]) -> None:
    run = task.run
    if board.is_loose or _module(type(process)) in _LOOSE or _module(process.__dict__.get("_target")) in _LOOSE:
        board.lets_loose(task, process)
        with uncontrolled():
            started(process)
        return
    run.reach(task, ("start", ((("task", len(run.tasks)), WRITE),)))
    task.begins_work()
    try:
        _launch(board, task, process, started)
    finally:
        task.has_worked()
    run.reach(task, _STARTED)


def _module(thing: Any) -> str:
    return str(getattr(thing, "__module__", ""))


def _launch(board: Board, task: Task, process: Any, started: Callable[[Any], None]) -> None:
    """Start the process of the system, with a line to it."""
    board.has_children()
    ours, theirs = link.pair()
    target = process.__dict__.get("_target")
    number, code = len(task.run.tasks), getattr(target, "__code__", None)
    catalogue.look_ahead(target, board.watch)
    vars(process)["_concurrency_line"] = (number, ours, theirs)
    try:
        with uncontrolled(), _no_warning(), board.launching():
            started(process)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
        del vars(process)["_concurrency_line"]
    vars(process)["_concurrency_kin"] = Kin(task.run, number)
    board.desk.starts(task, process, ours, code)


@contextlib.contextmanager
def _no_warning() -> Iterator[None]:
    """Let a fork not be warned of for threads that are ours: one of them runs at a time."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")
        yield


# -- in the child


def _live(board: Board, process: Any, given: tuple[int, Any, Any], bootstrap: Callable[[], int]) -> int:
    """Be a child process of the run, to its end."""
    number, ours, theirs = given
    if ours is not None:
        ours.close()
    run = board.becomes_child(process, number, theirs)
    if ours is None:
        spawned.take_part(process)
    outer.listen(run)
    _announce(run, board, is_new=ours is None)
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
    _wait_for_threads()
    return bootstrap()


def _wait_for_threads() -> None:
    """Let the end of this process come after that of its threads, but for daemons.

    The interpreter waits for what it finds locked by them. These wait for their turn, and so it does not.
    """
    interpreter: Any = threading
    shut_down = interpreter._shutdown

    def wait() -> None:
        shut_down()
        while here.task is not None and (others := _others()):
            for each in others:
                each.join()

    interpreter._shutdown = wait  # of this process alone


def _others() -> list[threading.Thread]:
    """Return the threads of this process that its end waits for; who is being started comes after its starter."""
    me = threading.current_thread()
    return [each for each in threading.enumerate() if each is not me and not each.daemon and each.ident is not None]


def _announce(run: ChildRun, board: Board, *, is_new: bool) -> None:
    """Let the end of this process be a step of the run; nothing of the child comes after it.

    Args:
        run: Its run.
        board: Knows who has still a view of a map.
        is_new: Whether it is an interpreter of its own: that ends as such do, a fork by `os._exit`.
    """

    def announce() -> None:
        task = here.task
        if task is not None:
            here.become(None)
            if board.views:
                run.blind()
            run.ask(task, "exit")

    def end(status: int) -> None:
        os._exit = real.end_process
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        announce()
        real.end_process(status)

    os._exit = end  # type: ignore[assignment] # of this process alone
    if is_new:
        finish: Any = vars(sys.modules["multiprocessing.util"])["_exit_function"]
        atexit.unregister(finish)
        atexit.register(announce)  # runs last
        atexit.register(finish)
