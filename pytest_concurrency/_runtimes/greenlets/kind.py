"""Greenlets of gevent: what a test has left, what can be joined, and a loop that nobody would wake."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from pytest_concurrency._engine import explain
from pytest_concurrency._runtimes.greenlets import joining, telling
from pytest_concurrency._runtimes.greenlets.joining import GRACE, JoinedGreenlet

if TYPE_CHECKING:
    from types import TracebackType

    from pytest_concurrency._core.telling.report import Place, Report, TaskState
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._sight.watching import Watch


class Greenlets:
    """The kind of gevent's greenlets."""

    name = "greenlets"
    joins = ("greenlets",)
    outlook = None

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap a greenlet, or a group of them."""
        return joining.joinable(thing, watch, made)

    def since(self, origins: Origins) -> tuple[Watch, WeakSet[Any]]:
        """Note which greenlets there are."""
        return origins.watch, WeakSet(telling.living())

    def noting(self, since: Any) -> contextlib.AbstractContextManager[None]:
        """Do nothing: gevent itself remembers where a greenlet was started, and prints its failure."""
        return contextlib.nullcontext()

    def errors(self, since: Any) -> list[BaseException]:
        """Return nothing: whether somebody has asked a greenlet for its result, it does not say."""
        return []

    def notes(self, error: BaseException, since: Any) -> list[str]:
        """Return nothing: its errors say what there is to say."""
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
