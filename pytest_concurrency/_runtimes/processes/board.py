"""What one exploration knows of processes: who decides here, which children there are, what a new object is called."""

from __future__ import annotations

import contextlib
import itertools
import random
import sys
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes import signals
from pytest_concurrency._runtimes.processes.child import ChildRun
from pytest_concurrency._runtimes.processes.desk import OwnDesk
from pytest_concurrency._runtimes.processes.far_desk import FarDesk
from pytest_concurrency._runtimes.processes.meeting import Meeting, named
from pytest_concurrency._runtimes.processes.outer import has_shared_memory
from pytest_concurrency._runtimes.processes.remote import speaker
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._machine.patches import Patches
    from pytest_concurrency._runtimes.processes.desk import Desk
    from pytest_concurrency._runtimes.processes.link import Link
    from pytest_concurrency._sight.watching import Watch

SLICE: Final = 0.05  # seconds


class Board:
    """The state that the doubles of one exploration share, in each process its own.

    Args:
        watch: Whose code is the user's.
        patches: What is put in place for the exploration.

    Attributes:
        desk: Who is asked: here, or over the line where another process decides.
        children: The child processes of the present run, in the order of their start.
        is_loose: Whether processes run that are not under control, so that nothing is.
        opened: By descriptor, files whose accesses are seen: who opened each, after how many starts, its number.
        maps: The shared maps whose accesses are seen.
        views: For each view of such a map that somebody has, at which step and in which call it was given.
        launches: How many processes this one has started.
        has_company: Whether a process from before the run lives on, and may have inherited what is as old.
        is_launching: Whether a process is being started that will be: what is pickled for it has its name with it.
    """

    def __init__(self, watch: Watch, patches: Patches) -> None:
        self.watch = watch
        self._patches = patches
        self._has_signals = False
        self.has_company = False
        self._has_older_memory = False  # of which nobody sees who uses it
        self.is_launching = False
        self.launches = 0
        self.opened: dict[int, tuple[int, int, int]] = {}
        self.maps: set[bytes] = set()
        self.views: list[tuple[int, int, int]] = []
        self._own = OwnDesk(speaker, self.opened, self.maps)
        self.desk: Desk = self._own
        self.children = self._own.children
        self.loose: list[Any] = []
        self.is_loose = False
        self._maker = 0
        self._serial = itertools.count(1)

    # -- runs

    def begin(self, *, has_company: bool) -> None:
        """Make ready for a run, perhaps beside a process from before it."""
        self.end()
        self.has_company = has_company
        self._has_older_memory = has_company and has_shared_memory()
        self._serial = itertools.count(1)

    def end(self) -> None:
        """Leave no process of a run behind."""
        for child in self.children:
            child.kill()
            child.untie()
        for process in self.loose:
            _end(process)
        self.loose, self.is_loose = [], False
        self.views.clear()
        self._own.clear()

    def leave(self) -> None:
        """Leave nothing of the exploration behind."""
        self.end()
        self._own.speakers.end()

    @property
    def is_known_elsewhere(self) -> bool:
        """Whether a process from before the run may know anything that this has met: what none of its own has made."""
        knows = any(not isinstance(key[0], int) for key in self._own.things)
        return self._has_older_memory or (self.has_company and knows)

    def awaits(self, task: Task, thing: Meeting, comes: Callable[[float], bool], seconds: float | None = None) -> bool:
        """Wait in real time for what a process from before the run may do; False where there is none to wait for.

        Args:
            task: Who waits.
            thing: In what.
            comes: Waits for so many seconds, and tells whether it has come.
            seconds: How long, at most.
        """
        known = self._own.things.get(thing.key)
        is_held = known is not None and known.holder is not None  # by a task, which gives it back
        if not self.has_company or is_held or isinstance(thing.key[0], int) or self.desk is not self._own:
            return False
        until = float("inf") if seconds is None else real.monotonic() + seconds
        place = stacks.frame_place(stacks.user_frame(sys._getframe(1), self.watch))
        with task.run.outside.stepping(task, f"{place}: {place.source}" if place.source else str(place)):
            while real.monotonic() < until and not comes(min(SLICE, until - real.monotonic())):
                pass
        return True

    def met_before(self) -> set[int] | None:
        """Return the handles of semaphores made before the run that its tasks have met; None where a child may have.

        None is to be given its value back while a process from before the run may be using it.
        """
        if self.has_company:
            return set()
        if self.children or self.loose or self.is_loose:
            return None
        return {key[1] for key in self._own.things if key[0] == "before"}

    def task(self) -> Task | None:
        """Return the task that asks, if what it does is under control."""
        task = here.task
        if task is None or self.is_loose:
            return None
        if not task.run.stopping:
            task.has_the_turn()
        return task

    @property
    def has_others(self) -> bool:
        """Whether more than one process is in the run, or beside it."""
        return self.has_company or self.desk is not self._own or bool(self.children)

    # -- things

    def met(self, kind: str, made: tuple[str, int] | None = None) -> Meeting:
        """Return a name for a thing that is being made now."""
        if made is None:
            made = stacks.line_of(stacks.user_frame(sys._getframe(1), self.watch))
        return named((self._maker, next(self._serial)), kind, made)

    def sentinel(self, handle: int) -> Meeting | None:
        """Return what stands for the end of a process, by the descriptor that says so to the system."""
        for child in self.children:
            if getattr(child.process, "_sentinel", None) == handle:
                return named(("ended", child.tasks[0].id), "Connection", ("", 0))
        return None

    # -- children

    def is_left(self, pid: int) -> bool:
        """Tell whether a process has ended that the scenario has not met yet: signals still find it."""
        return any(child.pid == pid and child.is_over and not child.is_met for child in self.children)

    def has_met(self, process: Any) -> None:
        """Note that the scenario has found a process ended."""
        for child in self.children:
            if child.process is process:
                child.met()

    def becomes_child(self, process: Any, number: int, link: Link) -> ChildRun:
        """Be a child process from now on, and wait for the first turn."""
        for child in self.children:
            child.link.close()
        self._own.clear()
        if isinstance(self.desk, FarDesk):
            self.desk.leave()
        self._maker, self._serial = number, itertools.count(1)
        run = ChildRun(link, number, process.name, self.watch, sys._getframe(1).f_code)
        self.desk = FarDesk(run)
        run.begins()
        run.tell("hello")
        here.become(run.root)
        random.seed(number)
        return run

    @contextlib.contextmanager
    def launching(self) -> Iterator[None]:
        """Start, in the body, a process that will be under control."""
        self.is_launching = True
        self.launches += 1
        try:
            yield
        finally:
            self.is_launching = False

    def has_children(self) -> None:
        """From now on there are processes that signals can be sent to."""
        if not self._has_signals:
            self._has_signals = True
            signals.install(self._patches, self)

    def lets_loose(self, task: Task, process: Any) -> None:
        """Take note of a process that is started out of control: from now on nothing is in control.

        Raises:
            Unwind: Other processes are in control already, or somebody waits at what processes share: nobody could
                say what they do meanwhile, or wake who waits.
        """
        if not self.is_loose:
            place = stacks.frame_place(stacks.user_frame(sys._getframe(1), self.watch))
            where = f"{place}: {place.source}" if place.source else str(place)
            if self.desk is not self._own:
                task.run.gives_up(task, where)
            task.run.record.went_outside(task.name, where)
            waits = any(thing.waiters for thing in self._own.things.values())
            if waits or any(not child.is_over for child in self.children):
                task.run.stop(task, Finding("cut", f"{task.name} starts what is out of control at {where}"))
            self.is_loose = True
        self.loose.append(process)


def _end(process: Any) -> None:
    popen = getattr(process, "_popen", None)
    if popen is not None and popen.returncode is None:
        with contextlib.suppress(OSError):
            popen.kill()
        popen.wait()
