"""A loop for gevent in pure Python, as a hub makes it in a run; who is next, and what time it is, `Passes` says."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.greenlets.children import Children
from pytest_concurrency._runtimes.greenlets.passes import Passes
from pytest_concurrency._runtimes.greenlets.watchers import (
    Callback,
    FromOutside,
    Idle,
    Io,
    Never,
    OfChild,
    OfSignal,
    Timer,
    Watcher,
    is_limit,
)
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency._engine.task import Task


class ControlledLoop:
    """What gevent asks of a loop (`gevent._interfaces.ILoop`).

    Args:
        task: The task whose thread has made it.
        flags: What gevent would have its loop of C use.
        default: Whether it is that of the main thread.

    Attributes:
        passes: Who decides.
        children: The child processes that are watched.
        error_handler: The hub, while it runs the loop.
        has_given_up: Whether the limit of a wait has come.
    """

    MAXPRI: ClassVar = 2
    MINPRI: ClassVar = -2
    CALLBACK_CHECK_COUNT: ClassVar = 1000
    approx_timer_resolution: ClassVar = 1e-9
    starting_timer_may_update_loop_time: ClassVar = False
    backend: ClassVar = "pytest-concurrency"
    origflags: ClassVar = 0
    ptr: ClassVar = True

    def __init__(self, task: Task, *, flags: Any = None, default: bool | None = None) -> None:
        self.passes = Passes(task.run, task)
        self.default = default is not False
        self.error_handler: Any = None
        self.children = Children()
        self.has_given_up = False

    # -- what is to be called

    def run_callback(self, func: Callable[..., Any], *args: Any) -> Callback:
        """Call something at the next opportunity."""
        made = Callback(func, args)
        self.passes.calls(made)
        return made

    def run_callback_threadsafe(self, func: Callable[..., Any], *args: Any) -> Callback:
        """Call something at the next opportunity, whatever thread says so."""
        made = Callback(func, args)
        self.passes.is_sent(made)
        return made

    def timer(self, after: float, repeat: float = 0.0, ref: bool = True, priority: int | None = None) -> Timer:  # noqa: FBT001, FBT002 - as gevent has it
        """Return a timer that is not started."""
        return Timer(self, after, repeat, ref=ref, priority=priority)

    def io(self, fd: int, events: int, ref: bool = True, priority: int | None = None) -> Io:  # noqa: FBT001, FBT002
        """Return a watcher of a descriptor."""
        return Io(self, fd, events, ref=ref, priority=priority)

    def async_(self, ref: bool = True, priority: int | None = None) -> FromOutside:  # noqa: FBT001, FBT002
        """Return what another thread can send."""
        return FromOutside(self, ref=ref, priority=priority)

    def child(self, pid: int, trace: int = 0, ref: bool = True) -> OfChild:  # noqa: FBT001, FBT002
        """Return a watcher of a child process, of which nobody decides when it goes on."""
        task = here.task
        if task is not None:
            place = stacks.frame_place(telling.caller(sys._getframe(1), task.run.watch))
            task.run.record.went_outside(task.name, place)
        return OfChild(self, pid, ref=ref)

    def idle(self, ref: bool = True, priority: int | None = None) -> Idle:  # noqa: FBT001, FBT002
        """Return what comes when nothing else does."""
        return Idle(self, ref=ref, priority=priority)

    def prepare(self, ref: bool = True, priority: int | None = None) -> Watcher:  # noqa: FBT001, FBT002
        """Return what comes before a loop of C waits: never, as this one does not."""
        return Never(self, ref=ref, priority=priority)

    check = fork = prepare

    def signal(self, signum: int, ref: bool = True, priority: int | None = None) -> Watcher:  # noqa: FBT001, FBT002
        """Return a watcher of a signal."""
        return OfSignal(self, signum, ref=ref, priority=priority)

    # -- time

    def now(self) -> float:
        """Return the virtual time, in seconds."""
        return self.passes.now_ns / 1e9

    def update_now(self) -> None:
        """Do nothing: time is what it is."""

    update = reinit = install_sigchld = reset_sigchld = update_now

    # -- running

    def run(self, nowait: bool = False, once: bool = False) -> bool:  # noqa: FBT001, FBT002
        """Go on until nothing is left to be called; in the greenlet of the hub."""
        task = here.task
        if task is None or task.run is not self.passes.run:
            return True
        events = task.run.events
        hushed = events.hush()

        def fire(thing: Callback | Watcher) -> None:
            events.hear_again(hushed)
            self._fire(thing)
            events.hush()

        try:
            while self.passes.once(task, fire):
                pass
        except Unwind:
            self.passes.unwinds()
            raise
        finally:
            if not task.run.stopping:  # else the run is being taken down, and nobody would hush again
                events.hear_again(hushed)
        return True

    def _fire(self, thing: Callback | Watcher) -> None:
        if type(thing) is Timer and is_limit(thing):
            self.has_given_up = True
        try:
            thing.fire()
        except Unwind:
            raise
        except BaseException:
            self.handle_error(thing, *sys.exc_info())

    def handle_error(self, context: Any, kind: Any, value: Any, trace: Any) -> None:
        """Give an error to the hub, which knows what is to be done."""
        handler = self.error_handler
        if handler is None:
            sys.excepthook(kind, value, trace)
        else:
            getattr(handler, "handle_error", handler)(context, kind, value, trace)

    def break_(self, how: Any = None) -> None:
        """Leave `run` as soon as possible."""
        self.passes.breaks_off()

    def destroy(self) -> bool:
        """Forget everything."""
        self.passes.forget()
        return True

    # -- what others look at

    @property
    def activecnt(self) -> int:
        """How much keeps it going."""
        return self.passes.kept()

    pendingcnt = property(lambda self: len(self.passes.ready))

    def ref(self) -> None:
        """Do nothing: watchers count themselves."""

    unref = ref

    def closing_fd(self, fd: int) -> bool:
        """Tell whether somebody may still wait for a descriptor that is being closed."""
        return self.passes.is_watched(fd)

    def fileno(self) -> None:
        """Return no descriptor: it has none."""

    def debug(self) -> list[str]:
        """Return its watchers, for the message of a `LoopExit`."""
        return [repr(each) for each in self.passes.watchers]

    def _format(self) -> str:
        return "under pytest-concurrency"
