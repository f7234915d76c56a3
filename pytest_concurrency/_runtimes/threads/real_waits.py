"""Waits of doubles outside a controlled run: who waits for what for ever, and the end of such waits.

Problem: the thread that runs the tests waits for a lock that nobody will ever release. A lock
cannot be asked who waits for it, and nothing interrupts a thread inside the real `acquire`.

Solution: a double that cannot have its object at once enters the thread here and waits in slices.
When the picture has not changed for a while, one of the waiting threads looks whether anybody at
all could still act (`stall.py`); if nobody can, each of them raises at the end of its slice: the
thread that runs the tests the verdict, the others what unwinds them. No thread of ours is needed,
and a double that nobody else holds never comes here.
"""

from __future__ import annotations

import _queue
import itertools
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.errors import DeadlockFound
from pytest_concurrency._engine.task import SWALLOWS, Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._sight.watching import Watch

    class Order(Protocol):
        """What is told of locks outside a run; the running thread is the one that acts."""

        def about_to_wait(self, wait: Wait) -> None:
            """A lock is taken by another; may raise instead of letting the thread wait."""

        def took(self, lock: Any, *, may_wait: bool) -> None:
            """A lock was acquired; not `may_wait` if the thread would have gone on without it."""

        def gave(self, lock: Any) -> None:
            """A lock was released once."""

        def gave_up(self, lock: Any) -> None:
            """A lock was released, however often it was held."""


PATIENCE: Final = 0.2  # seconds before a waiting thread looks for the first time
QUIET: Final = 0.5  # seconds in which nothing may have changed
SLICE: Final = 0.05
LONG: Final = 0.2  # a slice, for who has waited long
WAKES: Final = 0.001  # a slice grows with the number of waiting threads: so many seconds for each
FEW: Final = 5  # a thread that swallows what unwinds it more often gets no patience any more
GRACE: Final = 0.5  # seconds that the verdict waits for the other threads to unwind


class EndThread(Unwind, SystemExit):
    """Unwinds a thread that waits for ever; being a SystemExit, it ends a bare thread silently."""


class Mark(int):
    """A thread's ident that is told apart from a later thread's with the same number, by identity.

    Attributes:
        serial: A number that no other thread has.
    """

    serial: int
    _thread: weakref.ref[threading.Thread] | None
    _name: str

    def of(self, thread: threading.Thread | None) -> None:
        """Know the `Thread` object; a bare thread has none."""
        self.serial = next(_serials)
        self._thread = None if thread is None else weakref.ref(thread)
        self._name = f"thread {int(self)}" if thread is None else thread.name

    @property
    def thread(self) -> threading.Thread | None:
        """The `Thread` object, while there is one."""
        return None if self._thread is None else self._thread()

    @property
    def has_ended(self) -> bool:
        """Whether the thread is known to have ended."""
        thread = self.thread
        return self._thread is not None and (thread is None or not real.thread_is_alive(thread))

    @property
    def name(self) -> str:
        """What a report calls the thread."""
        if self == waits.root:
            return "main"
        thread = self.thread
        return self._name if thread is None else thread.name


class Wait:
    """A thread that waits for ever, unless somebody gives it what it waits for.

    Attributes:
        target: The double, or the thread that is joined.
        idle: Whether it is a pool's worker between two jobs, which is never stuck.
        limited: Whether it gives up after a while.
        verdict: Why it is to stop waiting, once that is decided.
    """

    __slots__ = ("ident", "idle", "limited", "native", "target", "verdict")

    def __init__(self, target: Any, *, idle: bool = False, limited: bool = False) -> None:
        self.ident = mine.mark
        self.native = threading.get_native_id()
        self.target = target
        self.idle = idle
        self.limited = limited
        self.verdict: Report | None = None


class _Mine(threading.local):
    """Who the running thread is, and what it was told."""

    verdict: Report | None = None
    swallowed = 0

    def __init__(self) -> None:
        self.mark = mark = Mark(real.get_ident())
        thread = _threads._active.get(mark)
        if thread is None:  # it is just starting
            thread = next((each for each in list(_threads._limbo) if each._ident == mark), None)
        mark.of(thread)


_threads: Any = threading  # its private names too
_serials: Final = itertools.count(1)


class Waits:
    """The threads that wait for ever at this moment, and what is to be done when all of them do.

    Attributes:
        now: The waits without a limit, by thread.
        timed: Those with one.
        root: The thread that runs the tests, or 0 while nobody wants a verdict.
        order: Told of every lock that is taken and given back; None while nobody wants it.
        started: Told of each thread that is started; None while nobody wants to know.
        verdicts: What was found, in order; whoever runs the tests empties it.
        given: Everything that was ever found.
    """

    def __init__(self) -> None:
        self.now: dict[int, Wait] = {}
        self.timed: dict[int, Wait] = {}
        self.root = 0
        self.watch: Watch | None = None
        self.order: Order | None = None
        self.started: Callable[[threading.Thread], None] | None = None
        self.verdicts: list[Report] = []
        self.given: list[Report] = []
        self.extra_natives = 0
        self._looking = real.allocate_lock()
        self._next_look = 0.0
        self._picture: tuple[Any, ...] = ()
        self._same_since = 0.0

    def begin(self, watch: Watch) -> Callable[[], None]:
        """From now on tell the calling thread when it waits for ever; return what undoes that.

        When nobody was told before, it stays: stuck threads must not keep the process alive.
        """
        before = self.root, self.watch
        self.root = real.get_ident()
        self.watch = watch

        def end() -> None:
            if before[0]:
                self.root, self.watch = before

        return end

    def forget_all(self) -> None:
        """Start anew in a forked child, where one thread is left."""
        mine = self.now.get(real.get_ident())
        self.now = {} if mine is None else {mine.ident: mine}
        self.timed = {}
        self._looking = real.allocate_lock()
        self._picture = ()

    def give(self, verdict: Report) -> None:
        """Keep a verdict, so that the test fails whatever its code does about it."""
        self.given.append(verdict)
        self.verdicts.append(verdict)

    # -- while waiting

    def slice(self, began: float) -> float:
        """Return how long to wait before the next look."""
        length = SLICE if real.monotonic() - began < 2.0 else LONG
        return max(length, WAKES * len(self.now))

    def look(self, wait: Wait) -> None:
        """Raise if the wait is to end; now and then look whether everybody is stuck."""
        if wait.verdict is None:
            now = real.monotonic()
            if wait.limited or now < self._next_look or self.root == 0 or not self._looking.acquire(False):
                return
            try:
                self._next_look = now + SLICE
                self._look(wait, now)
            finally:
                self._looking.release()
        if wait.verdict is not None:
            raise self.ending(wait, wait.verdict)

    def _look(self, wait: Wait, now: float) -> None:
        from pytest_concurrency._runtimes.threads import outlook as stall

        picture = stall.picture(self, wait)
        if not picture or picture != self._picture:
            self._picture, self._same_since = picture, now
        elif now - self._same_since >= QUIET and stall.nobody_can_act(self, wait):
            stall.condemn(self)
            self._picture = ()

    def ending(self, wait: Wait, verdict: Report) -> BaseException:
        """Return what a thread is to raise instead of waiting on."""
        if wait.ident != self.root:
            mine.verdict = verdict
            mine.swallowed += 1
            if mine.swallowed > SWALLOWS:
                self._park(wait)
            return EndThread()
        deadline = real.monotonic() + GRACE
        while real.monotonic() < deadline and any(
            other.verdict is verdict for other in self.now.copy().values() if other is not wait
        ):
            real.sleep(0.002)
        return DeadlockFound(verdict)

    def _park(self, wait: Wait) -> None:
        """Stop a thread that does not want to end."""
        wait.idle = True  # from now on it is neither stuck nor able to act
        from pytest_concurrency._runtimes.threads import parking

        parking.park(threading.current_thread())
        never = real.allocate_lock()
        never.acquire()
        while True:
            never.acquire()


mine: Final = _Mine()
waits: Final = Waits()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=waits.forget_all)


def is_unwinding() -> bool:
    """Tell whether the running thread is on its way out because of a verdict."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, EndThread) or (
            isinstance(error, DeadlockFound) and any(error.report is each for each in waits.given)
        ):
            return True
        error = error.__context__
    return False


def wait_for_lock(double: Any, timeout: float | None = None) -> bool:
    """Acquire the real lock of a double that is taken; False if that took too long.

    Raises:
        DeadlockFound: Nobody will ever release it (in the thread that runs the tests).
    """
    wait = Wait(double, limited=timeout is not None)
    outer = _enter(wait)
    acquire = double.real.acquire
    try:
        if waits.order is not None and timeout is None:
            waits.order.about_to_wait(wait)
        if mine.verdict is not None or (timeout is None and is_unwinding()):
            if not acquire(True, PATIENCE if mine.swallowed < FEW else 0):
                raise waits.ending(wait, mine.verdict if mine.verdict is not None else waits.given[-1])
        elif not _in_slices(wait, timeout, lambda length: bool(acquire(True, length))):
            return False
        if wait.verdict is not None:
            double.real.release()
            raise waits.ending(wait, wait.verdict)
        return True
    finally:
        _leave(wait, outer)


def wait_for_item(double: Any, timeout: float | None = None, *, idle: bool = False) -> Any:
    """Get an item from the real queue of a double that is empty.

    An `idle` thread is a pool's worker between two jobs: it is never stuck, whatever happens.

    Raises:
        DeadlockFound: Nobody will ever put one (in the thread that runs the tests).
        queue.Empty: That took too long.
    """
    wait = Wait(double, idle=idle, limited=timeout is not None)
    outer = _enter(wait)
    if idle:
        mine.verdict = None
    items: list[Any] = []

    def get(length: float) -> bool:
        if mine.verdict is not None:
            raise waits.ending(wait, mine.verdict)
        try:
            items.append(double.real.get(True, length))
        except _queue.Empty:
            return False
        return True

    try:
        if not _in_slices(wait, timeout, get):
            raise _queue.Empty
        return items[0]
    finally:
        _leave(wait, outer)


def join(thread: threading.Thread, timeout: float | None = None) -> None:
    """Join a thread.

    Raises:
        DeadlockFound: It will never end (in the thread that runs the tests).
    """
    if timeout is not None and not timeout > PATIENCE:
        real.thread_join(thread, timeout)
        return
    real.thread_join(thread, PATIENCE / 2)  # raises what it should
    if not real.thread_is_alive(thread):
        return
    wait = Wait(thread, limited=timeout is not None)
    outer = _enter(wait)

    def ended(length: float) -> bool:
        if mine.verdict is not None:
            raise waits.ending(wait, mine.verdict)
        real.thread_join(thread, length)
        return not real.thread_is_alive(thread)

    try:
        _in_slices(wait, None if timeout is None else timeout - PATIENCE / 2, ended)
    finally:
        _leave(wait, outer)


def _in_slices(wait: Wait, timeout: float | None, attempt: Callable[[float], bool]) -> bool:
    """Try for a slice at a time, and look in between; False if that took too long."""
    began = real.monotonic()
    length = PATIENCE
    while True:
        if timeout is not None:
            length = min(length, began + timeout - real.monotonic())
            if length <= 0:
                return False
        if attempt(length):
            return True
        waits.look(wait)
        length = waits.slice(began)


WAITING: Final = frozenset({wait_for_lock.__code__, wait_for_item.__code__, join.__code__})


def _enter(wait: Wait) -> Wait | None:
    book = waits.timed if wait.limited else waits.now
    outer = book.get(wait.ident)  # of this thread: a signal's handler waits in the middle of a wait
    book[wait.ident] = wait
    return outer


def _leave(wait: Wait, outer: Wait | None) -> None:
    book = waits.timed if wait.limited else waits.now
    if outer is None:
        book.pop(wait.ident, None)
    else:
        book[wait.ident] = outer
