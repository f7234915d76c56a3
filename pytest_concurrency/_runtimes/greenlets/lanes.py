"""Which greenlet acts, for the lanes of a recorded run: `greenlet` itself tells of every switch."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import Place
from pytest_concurrency._runtimes.greenlets.steps import GreenletTask, greenlet_of, python_code
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.greenlets.crew import Crew
    from pytest_concurrency._sight.watching import Watch


class Switches:
    """Hears the switches between the greenlets of one thread while a run is recorded."""

    def __init__(self, crew: Crew, before: Any) -> None:
        self.crew = crew
        self.before = before

    def __call__(self, event: str, args: tuple[Any, Any]) -> None:
        """Note who acts from now on."""
        crew, target = self.crew, args[1]
        run = crew.run
        recorder, host = run.recorder, crew.host
        if recorder is None or run.stopping or isinstance(target, sys.modules["gevent.hub"].Hub):
            return
        part = crew.known(target) or crew.guest(target)
        if part is host:
            recorder.acts_for(host, host)
            return
        assert isinstance(part, GreenletTask)
        is_first = not part.has_begun
        part.begins()
        recorder.goes_on(part, _place(part, run.watch, is_first=is_first), "begins" if is_first else "goes on")
        recorder.acts_for(host, part)


def _place(part: GreenletTask, watch: Watch, *, is_first: bool) -> Place:
    """Return where a greenlet goes on, if that is in watched code."""
    if is_first and part.code is not None and watch.is_watched(part.code.co_filename):
        return stacks.place_of(part.code, part.code.co_firstlineno)
    frame = stacks.watched_frame(sys._getframe(1).f_back, watch)
    return Place("", 0) if frame is None else stacks.frame_place(frame)


def follows(run: Run, crew: Crew) -> None:
    """Hear the switches of the running thread from now on, if the run is recorded."""
    if run.recorder is None:
        return
    greenlet = sys.modules["greenlet"]
    before = greenlet.gettrace()
    if not isinstance(before, Switches) or before.crew is not crew:
        greenlet.settrace(Switches(crew, before))


def leaves() -> None:
    """Let whoever heard the switches before hear them again."""
    greenlet = sys.modules["greenlet"]
    mine = greenlet.gettrace()
    while isinstance(mine, Switches):
        mine = mine.before
    greenlet.settrace(mine)


def calls(run: Run, host: Task, thing: Any) -> None:
    """Note that the loop calls something of the user's that lets no greenlet go on."""
    code = python_code(thing.callback)
    if code is not None and greenlet_of(thing) is None and run.watch.is_watched(code.co_filename):
        recorder: Any = run.recorder
        place = stacks.place_of(code, code.co_firstlineno)
        recorder.goes_on(host, place, f"callback {stacks.short_name(code)}")
