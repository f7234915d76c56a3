"""Greenlets as tasks of a run; they live in the thread of their hub."""

from __future__ import annotations

import functools
import sys
import weakref
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._engine.task import Task
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._core.telling.report import Place
    from pytest_concurrency._engine.run import Run

BETWEEN: Final[Operation] = ("line", ())
"""What the thread of a hub does while one of its steps is to be chosen: nothing."""


class Host(Protocol):
    """What a greenlet asks of its loop.

    Attributes:
        host: The task whose thread runs the loop.
    """

    host: Task

    def lets(self, part: Task) -> None:
        """Note who has been chosen; the thread of the loop is about to go on."""

    def kept(self) -> int:
        """Return how much keeps the loop going."""


class GreenletTask(Task):
    """A greenlet, or all the callbacks of a loop that belong to none; it runs in the thread of its hub.

    Attributes:
        code: What it begins with, if that is written in Python.
        has_begun: Whether it has been switched to.
    """

    __slots__ = ("_loop", "_ref", "_wanted", "code", "has_begun")

    word = "Greenlet"

    def __init__(self, run: Run, number: int, loop: Host, greenlet: Any = None, name: str = "") -> None:
        self.code, wanted = (None, name) if greenlet is None else _begins(greenlet)
        super().__init__(run, number, run.numbering.name(wanted), daemon=True)
        self._wanted = wanted
        self._loop = loop
        self._ref: Any = None if greenlet is None else weakref.ref(greenlet)
        self.has_begun = False

    @property
    def greenlet(self) -> Any:
        """The greenlet, while anybody keeps it."""
        return None if self._ref is None else self._ref()

    @property
    def body(self) -> Task:
        """The thread that runs its hub."""
        return self._loop.host

    def go(self) -> None:
        """Let it go on, in the thread of its hub."""
        self._loop.lets(self)
        self._loop.host.go()

    def begins(self) -> None:
        """Take the name that the user has given it since it was started, if it has just begun."""
        if self.has_begun:
            return
        self.has_begun = True
        name = getattr(self.greenlet, "__dict__", {}).get("name")
        if name is not None and name != self._wanted:
            self.name = self.run.numbering.rename(self.name, self._wanted, str(name))
            self._wanted = str(name)

    def takes_part(self, number: int) -> None:
        """Be a task of the run from now on, and no longer a name that only reports show."""
        self.id = number

    def has_gone(self) -> bool:
        """Tell whether its greenlet has ended."""
        greenlet = self.greenlet
        return greenlet is None or bool(greenlet.dead)

    def keeps_others(self) -> bool:
        """Tell whether its hub would go on with anything: who is ready, a timer, a descriptor."""
        return self._loop.kept() > 0

    def is_under_way(self) -> bool:
        """Tell whether its greenlet has begun and not ended; in C alone it has no frame."""
        greenlet = self.greenlet
        return greenlet is not None and bool(sys.modules["greenlet"].greenlet.__bool__(greenlet))

    def acts(self) -> bool:
        """Tell whether its greenlet is the one that runs: all others have a frame to go on in."""
        return self.is_under_way() and self.greenlet.gr_frame is None

    def frame(self) -> FrameType | None:
        """Return where it is."""
        return self.stands_at()

    def stands_at(self) -> FrameType | None:
        """Return the user's innermost frame, while it is not the one that runs."""
        found = self.stack()
        return found[-1] if found else None

    def started_at(self) -> Place:
        """Return where it was started, as gevent remembers it."""
        return telling.made(self.greenlet) or super().started_at()

    def stack(self) -> list[FrameType]:
        """Return the user's frames, the outermost first."""
        found = []
        frame = getattr(self.greenlet, "gr_frame", None)
        while frame is not None:
            if self.run.watch.is_watched(frame.f_code.co_filename):
                found.append(frame)
            frame = frame.f_back
        return found[::-1]


def _begins(greenlet: Any) -> tuple[CodeType | None, str]:
    """Return the code that a greenlet begins with, and what it is called that nobody has named."""
    given = getattr(greenlet, "_run", None) or getattr(greenlet, "run", None)
    while isinstance(given, functools.partial):
        given = given.func
    thread = telling.thread_of(given)
    if thread is not None:
        return python_code(getattr(thread, "_target", None) or thread.run), str(thread.name)
    code = python_code(given)
    if code is not None and code.co_name == "_run":
        return code, type(greenlet).__name__
    name = getattr(given, "__qualname__", None) or type(greenlet).__name__
    short = name.rpartition(".")[2]
    return code, "main()" if short == "main" else short  # the thread that runs the scenario is called main


def python_code(function: Any) -> CodeType | None:
    """Return the code of a function or a method that is written in Python; gevent's own has names of files alone."""
    function = getattr(function, "__func__", function)
    return function.__code__ if isinstance(function, FunctionType) else None


def greenlet_of(thing: Any) -> Any:
    """Return the greenlet that a callback or a watcher lets go on; None for anything else it calls."""
    owner = getattr(thing.callback, "__self__", None)
    if owner is None:
        return None
    raw, waiter, limit = _classes()
    if isinstance(owner, raw):
        return owner if getattr(thing.callback, "__name__", "") in SWITCHES else None
    if isinstance(owner, waiter):
        return owner.greenlet
    if isinstance(owner, limit):
        return next((each for each in thing.args or () if isinstance(each, raw)), None)
    return None


@functools.cache
def _classes() -> tuple[Any, Any, Any]:
    """Return greenlets, what lets one go on that waits, and time limits."""
    modules = sys.modules
    return modules["greenlet"].greenlet, modules["gevent.hub"].Waiter, modules["gevent.timeout"].Timeout


def is_greenlet(thing: object) -> bool:
    """Tell whether something is a greenlet."""
    return isinstance(thing, _classes()[0])


SWITCHES: Final = frozenset({"switch", "throw"})


def state(thing: Any) -> tuple[Any, ...] | None:
    """Return where the greenlet of a callback is, and its plain variables; None for a callback that was stopped."""
    if not thing.pending:
        return None
    greenlet = greenlet_of(thing)
    if greenlet is None:
        return (getattr(thing.callback, "__qualname__", type(thing.callback)),)
    return stacks.plain_state(greenlet.gr_frame)


def is_heard(run: Any) -> bool:
    """Tell whether anybody wants to know what goes wrong without an error."""
    return run.listener is not None and run.listener.hears_notices and not run.stopping
