"""The book of the threads that wait for ever in real time: who waits for what, and what they were told."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_concurrency._core.telling.report import Report, TaskState
    from pytest_concurrency._sight.watching import Watch

_threads: Any = threading  # its private names too
_serials: Final = itertools.count(1)


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
    def runs_the_tests(self) -> bool:
        """Whether the verdict is raised in this thread; the others are only ended."""
        return self == waits.root

    @property
    def name(self) -> str:
        """What a report calls the thread."""
        if self.runs_the_tests:
            return "main"
        thread = self.thread
        return self._name if thread is None else thread.name


class Wait:
    """A thread that waits for ever, unless somebody gives it what it waits for.

    Attributes:
        target: The double, the thread that is joined, or the loop that sleeps.
        inside: The code of the function in which the thread waits.
        idle: Whether it is a pool's worker between two jobs, which is never stuck.
        limited: Whether it gives up after a while.
        is_noted: Whether another process can read of it.
        verdict: Why it is to stop waiting, once that is decided.
    """

    __slots__ = ("ident", "idle", "inside", "is_noted", "limited", "native", "target", "verdict")

    def __init__(self, target: Any, *, idle: bool = False, limited: bool = False) -> None:
        self.ident = mine.mark
        self.native = threading.get_native_id()
        self.inside = sys._getframe(1).f_code
        self.target = target
        self.idle = idle
        self.limited = limited
        self.is_noted = False
        self.verdict: Report | None = None

    def noted(self) -> None:
        """Be written down for another process."""
        self.is_noted = True

    def end(self, verdict: Report) -> None:
        """Have the thread stop waiting, because of this, at its next slice."""
        self.verdict = verdict

    def is_parked(self) -> bool:
        """Tell whether the thread was told to end and did not: it waits for nothing any more."""
        return self.idle and self.verdict is not None

    def park(self) -> None:
        """Take the thread from now on for one that is neither stuck nor able to act."""
        self.idle = True


class _Mine(threading.local):
    """Who the running thread is, and what it was told.

    Attributes:
        mark: Who it is; made when it is asked for first.
        verdict: Why it is on its way out.
        swallowed: How often it was told so; more than once only if it catches what unwinds it.
    """

    mark: Mark
    verdict: Report | None = None
    swallowed = 0

    def __getattr__(self, name: str) -> Mark:
        if name != "mark":
            raise AttributeError(name)
        mark = Mark(real.get_ident())
        thread = _threads._active.get(mark)
        if thread is None:  # it is just starting
            thread = next((each for each in list(_threads._limbo) if each._ident == mark), None)
        mark.of(thread)
        made: Mark = vars(self).setdefault("mark", mark)  # a finaliser may have asked in the midst of this
        return made

    def hear(self, verdict: Report) -> None:
        """Be told that there is nothing to wait for any more."""
        self.verdict = verdict
        self.swallowed += 1

    def forget(self) -> None:
        """Begin another job: what was told belonged to the last one."""
        self.verdict = None


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


class Outlook(Protocol):
    """What a kind of concurrency knows of those of its own who wait in real time.

    Each is asked by a thread that waits itself, and every kind has to agree before there is a
    verdict; so a kind that is not sure says that somebody could act.
    """

    def picture(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        """Return who waits for what, equal as long as nothing has changed; None: somebody seems able to act."""

    def nobody_can_act(self, waits: Waits, looker: Wait) -> bool:
        """Tell whether it is certain that the present waits never end."""

    def rests(self, waits: Waits, wait: Wait) -> bool:
        """Tell whether a thread serves others, has nothing to do, and so is not stuck whoever else is."""

    def others(self, waits: Waits) -> list[TaskState]:
        """Return how those stand who wait for ever and are not in the book, as they are in another process."""

    def end(self, wait: Wait, verdict: Report) -> None:
        """Have a wait of its own end with the verdict; one of another kind is left alone."""


def _nobody() -> tuple[Outlook, ...]:
    """Stand in for the outlooks while nobody wants a verdict."""
    return ()


class Elsewhere(Outlook, Protocol):
    """The outlook on other processes, some of which write down how they wait."""

    def note(self, wait: Wait) -> None:
        """Write down that the calling thread waits, if it is in another process."""

    def forget(self, wait: Wait) -> None:
        """Write down that it waits no more."""


class Doubting(Outlook, Protocol):
    """An outlook that has a suspicion where there is no certainty."""

    def suspicion(self, waits: Waits, looker: Wait) -> tuple[Any, ...] | None:
        """Return how those stand who seem to wait for ever, equal as long as none moves; None: somebody may act.

        A text in it says why nothing can be said of them.
        """

    def suspects(self, waits: Waits, watch: Watch) -> list[TaskState]:
        """Return how those stand who are not in the book, and let nobody wait for them any more."""


class Waits:
    """The threads that wait for ever at this moment, and who is to be told of them.

    Attributes:
        now: The waits without a limit, by thread.
        timed: Those with one.
        root: The thread that runs the tests, or 0 while nobody wants a verdict.
        watch: Whose code a report shows.
        outlooks: Returns what is asked before a verdict; without any there is none.
        extra_natives: Threads of a C library that are known never to act.
        elsewhere: The outlook on other processes; None as long as none of them can be waited for.
        order: Told of every lock that is taken and given back; None while nobody wants it.
        started: Told of each thread that is started; None while nobody wants to know.
        verdicts: What was found, in order; whoever runs the tests empties it.
        deaths: The processes that a signal has ended; whoever runs the tests empties it.
        given: Everything that was ever found.
        refused: Why there was no verdict although nothing moved.
    """

    def __init__(self) -> None:
        self.now: dict[int, Wait] = {}
        self.timed: dict[int, Wait] = {}
        self.root = 0
        self.watch: Watch | None = None
        self.outlooks: Callable[[], Iterable[Outlook]] = _nobody
        self.extra_natives = 0
        self.elsewhere: Elsewhere | None = None
        self.order: Order | None = None
        self.started: Callable[[threading.Thread], None] | None = None
        self.verdicts: list[Report] = []
        self.deaths: list[TaskState] = []
        self.given: list[Report] = []
        self.refused: dict[str, None] = {}

    def begin(
        self,
        watch: Watch,
        outlooks: Callable[[], Iterable[Outlook]],
        *,
        extra_natives: int = 0,
        root: int | None = None,
    ) -> Callable[[], None]:
        """From now on tell a thread, the calling one unless given, when it waits for ever; return what undoes that.

        When nobody was told before, it stays: stuck threads must not keep the process alive.
        """
        before = self.root, self.watch, self.outlooks, self.extra_natives
        self.root = real.get_ident() if root is None else root
        self.watch = watch
        self.outlooks = outlooks
        self.extra_natives = extra_natives

        def end() -> None:
            if before[0]:
                self.root, self.watch, self.outlooks, self.extra_natives = before

        return end

    def forget_all(self) -> None:
        """Start anew in a forked child, where one thread is left."""
        mine = self.now.get(real.get_ident())
        self.now = {} if mine is None else {mine.ident: mine}
        self.timed = {}

    def tell_orders(self, order: Order | None) -> None:
        """Tell somebody of every lock that is taken and given back, or nobody."""
        self.order = order

    def tell_elsewhere(self, elsewhere: Elsewhere) -> Callable[[], None]:
        """Ask of other processes, too, and have them write down how they wait; return what undoes that."""
        before, self.elsewhere = self.elsewhere, elsewhere

        def end() -> None:
            self.elsewhere = before

        return end

    def tell_starts(self, started: Callable[[threading.Thread], None]) -> Callable[[], None]:
        """Tell somebody of each thread that is started; return what undoes that."""
        before, self.started = self.started, started

        def end() -> None:
            self.started = before

        return end

    def give(self, verdict: Report) -> None:
        """Keep a verdict, so that the test fails whatever its code does about it."""
        self.given.append(verdict)
        self.verdicts.append(verdict)

    def dies(self, state: TaskState) -> None:
        """Note that a process was ended by a signal, and how."""
        self.deaths.append(state)

    def refuse(self, why: str) -> None:
        """Note why a wait of this test cannot be judged, for the end of the session."""
        self.refused[why] = None

    def enter(self, wait: Wait) -> Wait | None:
        """Note that the running thread waits; return the wait in the middle of which it does, for `leave`."""
        book = self.timed if wait.limited else self.now
        outer = book.get(wait.ident)  # of this thread: a signal's handler waits in the middle of a wait
        book[wait.ident] = wait
        return outer

    def leave(self, wait: Wait, outer: Wait | None) -> None:
        """Note that the running thread waits no more."""
        if wait.is_noted and self.elsewhere is not None:
            self.elsewhere.forget(wait)
        book = self.timed if wait.limited else self.now
        if outer is None:
            book.pop(wait.ident, None)
        else:
            book[wait.ident] = outer

    def anybody_for(self, target: Any) -> bool:
        """Tell whether a thread waits for this."""
        return any(each.target is target for each in [*self.now.values(), *self.timed.values()])

    def of(self, thread: threading.Thread) -> Wait | None:
        """Return what a thread waits for at this moment, with a limit or without."""
        ident = thread.ident or 0
        return self.now.get(ident) or self.timed.get(ident)


mine: Final = _Mine()
waits: Final = Waits()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=waits.forget_all)


def silence(thread: Any, kind: type[BaseException]) -> None:
    """Let an error of that kind end a thread without a word to `threading.excepthook`."""
    if thread is None:
        return
    original = thread._invoke_excepthook

    def hook(failed: threading.Thread) -> None:
        if not isinstance(sys.exception(), kind):
            original(failed)

    thread._invoke_excepthook = hook
