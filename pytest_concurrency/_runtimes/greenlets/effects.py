"""What a step of a hub touches: as far as watched code does, and the loop is asked; gevent's own code is unknown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.loops.step_effects import StepEffects
from pytest_concurrency._runtimes.greenlets.steps import GreenletTask, greenlet_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.greenlets.crew import Crew
    from pytest_concurrency._runtimes.greenlets.watchers import Callback, Watcher


class HubEffects(StepEffects):
    """Gathers what the steps of one hub touch.

    Who has called code in C may go on in it in a later step: from then on nobody knows what its steps touch.

    Args:
        run: The run.
        loop: The key of the loop.
        crew: Its greenlets.
    """

    def __init__(self, run: Run, loop: object, crew: Crew) -> None:
        super().__init__(run, loop)
        self._crew = crew
        self._lost: set[int] = set()
        self._put: list[Callback] = []

    def around(self, part: Task, host: Task, fire: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return what calls something that was chosen as a step of somebody, and tells what that has touched."""

        def call(thing: Any) -> None:
            self._calls(part, thing)
            fire(thing)
            self.tells(host)

        return call

    def _calls(self, part: Task, thing: Callback | Watcher) -> None:
        self._put.clear()
        self.begins(part)
        if part is not self._crew.callbacks:
            return
        self.touches_line()
        if greenlet_of(thing) is None:
            self.loses()
        else:
            self.goes_on(self._crew.who(thing))

    def goes_on(self, part: Task) -> None:
        """Note who goes on."""
        super().goes_on(part)
        if isinstance(part, GreenletTask) and part is not self._crew.callbacks and not self._shows(part):
            self._lost.add(part.id)
        if part.id in self._lost:
            self.loses()

    def _shows(self, part: GreenletTask) -> bool:
        """Tell whether what a greenlet begins with is watched: `spawn(queue.put, 1)` touches what no code shows."""
        return part.code is not None and self._run.watch.is_watched(part.code.co_filename)

    def puts_in_line(self, thing: Callback, parts: int) -> None:
        """Note what is put in line, and whether somebody new takes part: of `parts` before."""
        self._put.append(thing)
        if len(self._run.tasks) > parts:
            self.touches("new")  # they are numbered

    def tells(self, host: Task) -> None:
        """Tell the strategy what the step has touched."""
        for each in self._put:  # by now it is known for whom it is: a waiter learns it when it is asked
            part = self._crew.who(each)
            if part is self._crew.callbacks:
                self.touches_line()
            else:
                self.touches(("part", part.id))
        self._put.clear()
        super().tells(host)

    def enters(self, frame: FrameType) -> None:
        """Note that code begins, or goes on, that nobody watches; who acts now may go on there in a later step."""
        self.loses()
        part = self._crew.known(sys.modules["greenlet"].getcurrent())
        if part is not None:
            self._lost.add(part.id)
