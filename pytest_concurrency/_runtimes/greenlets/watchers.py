"""What gevent asks a loop to call, and when: callbacks, timers, descriptors, and what comes from outside."""

from __future__ import annotations

import signal
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from pytest_concurrency._core.clock import FOREVER_NS, NS, to_ns
from pytest_concurrency._engine.current import here

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pytest_concurrency._runtimes.greenlets.children import Children


def _is_unclear() -> None:
    """Note that the present step changes what was to come."""
    task = here.task
    if task is not None and task.run.shared.step is not None:
        task.run.shared.step.loses()


READ: Final = 1
WRITE: Final = 2


class Callback:
    """Something to be called at the next opportunity, once; what `run_callback` returns.

    Attributes:
        callback: What is called; None when it has been, or was stopped.
        args: With what; None when that is over.
    """

    __slots__ = ("args", "callback")

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.callback: Callable[..., Any] | None = callback
        self.args: tuple[Any, ...] | None = args

    def stop(self) -> None:
        """Do not call it."""
        if self.callback is not None:
            _is_unclear()
        self.callback = self.args = None

    close = stop

    def __bool__(self) -> bool:
        """Tell whether it is still to be called, or is being called."""
        return self.args is not None

    @property
    def pending(self) -> bool:
        """Whether it is still to be called."""
        return self.callback is not None

    def fire(self) -> None:
        """Call it."""
        callback, args = self.callback, self.args
        self.callback = None
        try:
            if callback is not None and args is not None:
                callback(*args)
        finally:
            self.args = None


class Keeper(Protocol):
    """What a watcher asks of who keeps it."""

    def starts(self, watcher: Watcher) -> int:
        """Keep a watcher that is started; return its number."""

    def stops(self, watcher: Watcher) -> None:
        """Forget it."""

    def moves(self) -> None:
        """Look again: something has come, perhaps in another thread."""

    @property
    def now_ns(self) -> int:
        """The time, in nanoseconds."""


class Loop(Protocol):
    """What a watcher belongs to: gevent asks one for its loop, and that for others."""

    @property
    def passes(self) -> Keeper:
        """Who keeps the watchers that are started."""

    @property
    def children(self) -> Children:
        """The child processes that are watched."""


class Watcher:
    """Calls something when something has happened.

    Attributes:
        loop: Whose it is.
        ref: Whether the loop goes on for its sake alone.
        priority: Higher ones come first, if several come at once.
        callback: What is called; None while it is not started.
        args: With what.
        active: Whether it is started and has not come.
        number: Which one it was that was started.
        line: Where the user has started it, if somebody wants to know.
    """

    is_always_there = False
    pending = False

    def __init__(self, loop: Loop, *, ref: bool = True, priority: int | None = None) -> None:
        self.loop = loop
        self.ref = ref
        self.priority = priority or 0
        self.callback: Callable[..., Any] | None = None
        self.args: tuple[Any, ...] = ()
        self.active = False
        self.number = 0
        self.line = ("", 0)

    def start(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Call this when it happens.

        Raises:
            TypeError: It cannot be called.
        """
        if not callable(callback):
            raise TypeError(f"Expected callable, not {callback!r}")
        self.callback, self.args = callback, args
        if self.active:
            _is_unclear()
        else:
            self.active = True
            self.number = self.loop.passes.starts(self)

    def is_started_at(self, line: tuple[str, int]) -> None:
        """Note where the user has started it."""
        self.line = line

    def stop(self) -> None:
        """Do not call anything any more."""
        self.callback, self.args = None, ()
        self.rests()

    def rests(self) -> None:
        """Be no more among those that can come."""
        if self.active:
            self.active = False
            self.loop.passes.stops(self)

    def close(self) -> None:
        """Stop for good."""
        self.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def fire(self) -> None:
        """Call it, as it has happened."""
        callback, args = self.callback, self.args
        self.comes()
        if callback is not None:
            callback(*args)
        if not self.active:  # nobody has started it again
            self.callback, self.args = None, ()

    def comes(self) -> None:
        """Note that it happens now."""


def is_limit(timer: Timer) -> bool:
    """Tell whether a timer is that of a `gevent.Timeout`, as waits with a limit have one."""
    return isinstance(getattr(timer.callback, "__self__", None), sys.modules["gevent.timeout"].Timeout)


class Timer(Watcher):
    """Comes after so many seconds, and again and again where it repeats.

    Attributes:
        at: When, in virtual nanoseconds.
    """

    def __init__(
        self, loop: Loop, after: float = 0.0, repeat: float = 0.0, *, ref: bool = True, priority: int | None = None
    ) -> None:
        if repeat < 0.0:
            raise ValueError(f"repeat must be positive or zero: {repeat!r}")
        super().__init__(loop, ref=ref, priority=priority)
        self._after = to_ns(min(max(0.0, after), FOREVER_NS / NS))
        self._repeat = to_ns(repeat)
        self.at = 0

    def start(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Call this when its time has come."""
        if not self.active:
            self.at = self.loop.passes.now_ns + self._after
        super().start(callback, *args)

    def again(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Start it anew."""
        self.rests()
        self._after = self._repeat or self._after
        self.start(callback, *args)

    def comes(self) -> None:
        """Be due again later, or no more."""
        if self._repeat:
            self.at = max(self.at + self._repeat, self.loop.passes.now_ns)
        else:
            self.rests()


class Io(Watcher):
    """Comes when a descriptor can be read or written.

    Attributes:
        fd: The descriptor.
        events: `READ`, `WRITE`, or both.
        came: For which of them it was ready when that was looked at last.
    """

    def __init__(self, loop: Loop, fd: int, events: int, *, ref: bool = True, priority: int | None = None) -> None:
        super().__init__(loop, ref=ref, priority=priority)
        self.fd = fd
        self.events = self.came = events
        self._tells = False

    def start(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Call this when the descriptor is ready; with `pass_events` it is told for what."""
        self._tells = bool(settings.get("pass_events"))
        super().start(callback, *((self.events, *args) if self._tells else args))

    def fire(self) -> None:
        """Call it, and say for what it is ready if it wants to know."""
        if self._tells and self.args:
            self.args = (self.came, *self.args[1:])
        super().fire()

    def is_ready_for(self, events: int) -> None:
        """Note for what it is ready."""
        self.came = events & self.events


class FromOutside(Watcher):
    """Comes when another thread says so, or the system."""

    def __init__(self, loop: Loop, *, ref: bool = True, priority: int | None = None) -> None:
        super().__init__(loop, ref=ref, priority=priority)
        self._sent: deque[None] = deque()

    def send(self) -> None:
        """Let it come; from any thread."""
        self._sent.append(None)
        self.loop.passes.moves()

    def send_ignoring_arg(self, _ignored: Any) -> None:
        """Let it come; from any thread."""
        self.send()

    def has_come(self) -> bool:
        """Tell whether it has happened."""
        return bool(self._sent)

    def comes(self) -> None:
        """Note that it is told now."""
        self._sent.clear()


class OfChild(FromOutside):
    """Comes when a child process has ended.

    Attributes:
        pid: The process that it waits for; 0 for any.
        rpid: The one that has ended; before that the one that it waits for.
    """

    def __init__(self, loop: Loop, pid: int, *, ref: bool = True) -> None:
        super().__init__(loop, ref=ref)
        self.pid = self.rpid = pid
        self._known: set[int] = set()  # who waits for any is not told of these
        if pid:
            loop.children.watches(pid)

    @property
    def rstatus(self) -> int:
        """How it has ended; 0 before that."""
        return self.loop.children.status(self.rpid)

    def start(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Call this when it has ended."""
        if not self.active:
            self._known = self.loop.children.told()
        super().start(callback, *args, **settings)

    def has_come(self) -> bool:
        """Ask whether it has ended."""
        if self.pid:
            return self.loop.children.has_ended(self.pid)
        self.rpid = self.loop.children.ended_but(self._known)
        return bool(self.rpid)

    def comes(self) -> None:
        """Note that it is told now."""
        self.loop.children.is_told(self.rpid)
        self._known.add(self.rpid)
        if self.pid:
            self.rests()


class OfSignal(FromOutside):
    """Comes when the process gets a signal, while it is started."""

    def __init__(self, loop: Loop, number: int, *, ref: bool = True, priority: int | None = None) -> None:
        super().__init__(loop, ref=ref, priority=priority)
        self._number = number
        self._before: Any = None

    def start(self, callback: Callable[..., Any], *args: Any, **settings: Any) -> None:
        """Call this in the loop when the signal has come."""
        if not self.active:
            self._before = signal.signal(self._number, lambda _number, _frame: self.send())
        super().start(callback, *args, **settings)

    def rests(self) -> None:
        """Let the signal do again what it did before."""
        if self.active:
            signal.signal(self._number, signal.SIG_DFL if self._before is None else self._before)
        super().rests()


class Idle(Watcher):
    """Comes whenever nothing else does."""

    is_always_there = True


class Never(Watcher):
    """Stands for what does not happen in a run: a fork, the turn of another loop."""

    def __init__(self, loop: Loop, *, ref: bool = True, priority: int | None = None) -> None:
        super().__init__(loop, ref=False, priority=priority)
