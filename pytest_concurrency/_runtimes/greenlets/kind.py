"""Greenlets of gevent: what a test has left, what can be joined, and a loop that nobody would wake."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from pytest_concurrency._engine import explain
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.joining import is_a

if TYPE_CHECKING:
    from types import TracebackType

    from pytest_concurrency._core.telling.report import Place, Report, TaskState
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch

GRACE: Final = 1.0  # seconds that a greenlet gets to end


class JoinedGreenlet:
    """A greenlet of gevent, joined while the others go on."""

    def __init__(self, greenlet: Any, watch: Watch) -> None:
        self.name = str(greenlet.name)
        self.made: Place | None = telling.made(greenlet)
        self._greenlet = greenlet
        self._watch = watch

    def wait(self, seconds: float | None) -> bool:
        """Let the loop run until it has ended, at most so long."""
        self._greenlet.join(seconds)
        return bool(self._greenlet.ready())

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what it raised; to be killed is no error."""
        error = self._greenlet.exception
        return [] if error is None else [error]

    def states(self) -> list[TaskState]:
        """Return in which call it waits."""
        return [telling.state(self._greenlet, self._watch)]

    def clean_up(self) -> str:
        """Kill it."""
        self._greenlet.kill(timeout=GRACE)
        return f"{self.name} was killed" if self._greenlet.ready() else f"{self.name} does not let itself be killed"


class JoinedGroup:
    """A `Group` or `Pool` of gevent: it has ended when nobody is in it."""

    def __init__(self, group: Any, watch: Watch, made: Place | None) -> None:
        self.name = type(group).__name__
        self.made = made
        self._group = group
        self._watch = watch
        self._members = [JoinedGreenlet(each, watch) for each in list(group)]

    def wait(self, seconds: float | None) -> bool:
        """Let the loop run until all have ended, at most so long."""
        return bool(self._group.join(seconds))

    def errors(self, *, check: bool = True) -> list[BaseException]:
        """Return what those raised who were in it."""
        return [error for each in self._members for error in each.errors(check=check)]

    def states(self) -> list[TaskState]:
        """Return where those are who have not ended."""
        return [telling.state(each, self._watch) for each in list(self._group)]

    def clean_up(self) -> str:
        """Kill them."""
        self._group.kill(timeout=GRACE)
        return f"who was left in the {self.name} was killed"


class Greenlets:
    """The kind of gevent's greenlets."""

    name = "greenlets"
    joins = ("greenlets",)
    outlook = None

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap a greenlet, or a group of them."""
        if is_a(thing, "gevent", "Greenlet"):
            return JoinedGreenlet(thing, watch)
        return JoinedGroup(thing, watch, made) if is_a(thing, "gevent.pool", "Group") else None

    def since(self, origins: Origins) -> tuple[Watch, WeakSet[Any]]:
        """Note which greenlets there are."""
        return origins.watch, WeakSet(telling.living())

    def noting(self, since: Any) -> contextlib.AbstractContextManager[None]:
        """Do nothing: gevent itself remembers where a greenlet was started, and prints its failure."""
        return contextlib.nullcontext()

    def errors(self, since: Any) -> list[BaseException]:
        """Return nothing: whether somebody has asked a greenlet for its result, it does not say."""
        return []

    def left_behind(self, since: tuple[Watch, WeakSet[Any]]) -> list[Joinable]:
        """Return the greenlets that the test has started and that have not ended."""
        watch, before = since
        return [JoinedGreenlet(each, watch) for each in telling.living() if each not in before]

    def bystanders(self, since: tuple[Watch, WeakSet[Any]]) -> list[TaskState]:
        """Return how the others stand."""
        watch, _ = since
        return [telling.state(each, watch) for each in telling.living()]

    def explains(self, error: BaseException, watch: Watch) -> Report | None:
        """Tell who waits for what where gevent only says that nobody would wake the loop."""
        kind = getattr(sys.modules.get("gevent.exceptions"), "LoopExit", None)
        if kind is None or not isinstance(error, kind):
            return None
        states = [telling.state(each, watch) for each in telling.living()]
        trace = _innermost(error, watch)
        if trace is not None:
            states.insert(0, telling.waiting_at("main", trace.tb_frame, trace.tb_lineno, trace.tb_lasti))
        sys.modules["gevent"].killall(list(telling.living()), timeout=GRACE)  # as other verdicts do
        return explain.waits(states)


def _innermost(error: BaseException, watch: Watch) -> TracebackType | None:
    """Return where an error has left the user's own code."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if watch.is_watched(trace.tb_frame.f_code.co_filename) and not telling.is_of_gevent(trace.tb_frame):
            found = trace
        trace = trace.tb_next
    return found
