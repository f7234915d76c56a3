"""Threads that were there before the scenario, and may do of their own accord what its tasks wait for."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.resource import Resource
from pytest_concurrency._explore.at_hand import at_hand, binds, rebound
from pytest_concurrency._explore.company import company
from pytest_concurrency._explore.state import reached
from pytest_concurrency._machine import real
from pytest_concurrency._sight.named_modules import NamedModules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._sight.watching import Watch


class Strangers:
    """Tells whether such a thread has at hand what somebody waits for: a timer's, one that polls, one that serves.

    Attributes:
        company: Who was there when this was made and may change what the world has, files for one; "" is nobody.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._watched = NamedModules(())
        self._loaded = 0
        self._woken_until = 0.0
        self._rebound = dict.fromkeys(self._binds())
        self.company = company()
        self._theirs = self._at_hand()

    def may_bind(self) -> list[str]:
        """Return the names of globals that one may have bound anew since this was made."""
        return list(self._rebound | dict.fromkeys(self._binds()))

    def are_woken(self, seconds: float) -> None:
        """Note that one was woken, perhaps in the schedule before, and may take so long to answer."""
        self._woken_until = real.monotonic() + seconds

    def may_act(self, tasks: Iterable[Task]) -> bool:
        """Look where these threads are now; what another task holds, that one gives back."""
        wanted = [each for task in tasks for each in _awaited(task)]
        acting = real.monotonic() > self._woken_until  # else whoever waits may have been given it just now
        things = list(at_hand(self._watch, acting=acting)) if wanted else []
        if not things:
            return False
        theirs = self._reached(things)
        return any(id(each) in theirs for each in wanted)

    def may_change(self, met: dict[int, tuple[str, int]]) -> tuple[str, int] | None:
        """Return the first line, of these where numbers of objects were met, at which it was something of theirs."""
        theirs = self._theirs | (self._at_hand() if met else set())
        return next((line for number, line in met.items() if number in theirs), None)

    def _at_hand(self) -> set[int]:
        return set(self._reached(at_hand(self._watch, acting=True))) if self.company else set()

    def _binds(self) -> Iterator[str]:
        yield from rebound(self._watch)
        for each in self._reached(at_hand(self._watch, acting=True)).values():
            if type(each) is FunctionType:
                yield from binds(each.__code__, each.__globals__, self._watch)

    def _reached(self, things: Iterable[Any]) -> dict[int, Any]:
        if self._loaded != len(sys.modules):
            self._loaded, self._watched = len(sys.modules), NamedModules(self._watch.modules())
        return reached(things, self._watch, self._watched)


def _awaited(task: Task) -> Iterator[Any]:
    thing = task.waits_for
    if isinstance(thing, Resource) and not task.outside and thing.holder in (None, task):
        yield from (each for each in (thing, thing.part_of, thing.real) if each is not None)
