"""Greenlets of gevent, as the stage needs a kind of concurrency."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.loops.strangers import strangers
from pytest_concurrency._engine.task import Unwind
from pytest_concurrency._machine.patched import child
from pytest_concurrency._runtimes.greenlets import ending, noticing, owners, parts
from pytest_concurrency._runtimes.greenlets.loop import ControlledLoop
from pytest_concurrency._runtimes.greenlets.open_sockets import OpenSockets
from pytest_concurrency._runtimes.greenlets.steps import is_heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._sight.watching import Watch


_NEEDED: Final = (
    "gevent.os",
    "gevent.socket",
    "gevent.threadpool",
    "gevent.resolver.blocking",
    "gevent.timeout",
    "gevent.exceptions",
)
"""What gevent imports when it needs it: in a run it would take what stands in for threads for the original."""


class StagedGreenlets:
    """The kind of gevent's hubs: in a run each has a loop of ours, and its greenlets are tasks of the run."""

    name = "greenlets"

    def __init__(self) -> None:
        for name in _NEEDED:
            importlib.import_module(name)
        self._before: tuple[Any, Any] = (None, None)  # the hub of the calling thread, and a loop that it would take
        self._begun_in: Any = None  # the greenlet
        self._sockets = OpenSockets()
        self._watched: dict[int, Any] = {}  # the child processes that gevent knew before the run

    def install(self, patches: Patches, watch: Watch) -> None:
        """Do nothing: outside a run a hub is as it was."""

    @contextlib.contextmanager
    def enter(self, patches: Patches, watch: Watch) -> Iterator[None]:
        """Give the hubs that a run makes a loop that obeys it."""
        hub = _module("gevent.hub").Hub
        patches.set(hub, "loop_class", property(_loop_class(hub.loop_class.fget, self._explored_in)))
        patches.set(hub, "resolver_class", property(_resolver_class(hub.resolver_class.fget)))
        patches.set(hub, "NOT_ERROR", (*hub.NOT_ERROR, Unwind))
        parts.install(patches)
        self._sockets.install(patches)
        if child.explores:
            owners.install(patches)
        try:
            yield
        finally:
            strangers.stop()

    def root(self, run: Run) -> Task:
        """Refuse: a scenario runs in a thread."""
        raise NotImplementedError

    def begin(self, run: Run) -> None:
        """Put the hub of the calling thread aside: the run makes its own."""
        local = _module("gevent._hub_local")
        self._begun_in = _module("greenlet").getcurrent()
        self._sockets.begin()
        self._before = local.get_hub_if_exists(), local.get_loop()
        local.set_hub(None)
        local.set_loop(None)
        self._watched = dict(_watched_children())
        _watched_children().clear()  # who waits for any process of the run waits for none of these

    def _explored_in(self) -> Any:
        """Return the greenlet, no thread's own and hence of a hub that is not ours, in which all this happens."""
        begun, each = self._begun_in, _module("greenlet").getcurrent()
        while each is not None and each is not begun:
            each = each.parent
        return None if each is None or each.parent is None else each

    def closes(self, run: Run) -> None:
        """Tell, if somebody listens, what the scenario has left of its greenlets; prove nothing beside older ones."""
        hub = _module("gevent._hub_local").get_hub_if_exists()
        if _is_ours(hub) and _is_at_work(self._before[0]):
            run.shared.note_opaque()  # they would have had their turn whenever the scenario waits
        if is_heard(run) and _is_ours(hub):
            passes = hub.loop.passes
            noticing.at_the_end(run, passes.crew.parts, passes.watchers)
            self._sockets.at_the_end(run, passes.crew.parts)

    def end(self, run: Run) -> None:
        """End what the run has left, and give the thread its own hub again."""
        local = _module("gevent._hub_local")
        hub, record = local.get_hub_if_exists(), run.record
        is_late = record.raised and _is_ours(hub) and hub.loop.has_given_up  # time ran past what they would have done
        try:
            if _is_ours(hub):
                ending.take_down(run, hub)
        finally:
            if (is_late or record.ended_by("deadlock")) and _is_at_work(self._before[0]):
                record.is_unclear("everybody", "greenlets from before the scenario stand still meanwhile")
            local.set_hub(self._before[0])
            local.set_loop(self._before[1])
            self._before, self._begun_in = (None, None), None
            _watched_children().clear()  # else the next run would be told of this one's
            _watched_children().update(self._watched)


def _is_at_work(hub: Any) -> bool:
    """Tell whether a hub has anything to do: a server that listens, a timer, somebody who was woken."""
    return hub is not None and hub.loop is not None and hub.loop.activecnt > 0


def _is_ours(hub: Any) -> bool:
    return hub is not None and isinstance(hub.loop, ControlledLoop)


def _loop_class(original: Callable[[Any], Any], explored_in: Callable[[], Any]) -> Callable[[Any], Any]:
    def loop_class(self: Any) -> Any:
        task = here.task
        if task is None:
            return original(self)

        if (inner := explored_in()) is not None:
            raise RuntimeError(f"greenlets are explored from a thread's own greenlet, got an exploration in {inner!r}")

        def make(flags: Any = None, *, default: bool | None = None) -> ControlledLoop:
            return ControlledLoop(task, flags=flags, default=default)

        return make

    return loop_class


def _resolver_class(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Ask for addresses in the thread of the hub: those of this machine come at once."""

    def resolver_class(self: Any) -> Any:
        return original(self) if here.task is None else _module("gevent.resolver.blocking").Resolver

    return resolver_class


def _watched_children() -> dict[int, Any]:
    """Return what gevent knows of child processes, where it knows any."""
    return getattr(_module("gevent.os"), "_watched_children", {})


def _module(name: str) -> Any:
    return sys.modules[name]
