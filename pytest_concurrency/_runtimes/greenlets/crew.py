"""The greenlets of one hub, as tasks of a run."""

from __future__ import annotations

import ctypes
import sys
import weakref
from typing import TYPE_CHECKING, Any

from pytest_concurrency._engine.task import SWALLOWS, Unwind
from pytest_concurrency._runtimes.greenlets import telling
from pytest_concurrency._runtimes.greenlets.steps import GreenletTask, greenlet_of, is_greenlet, is_heard
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterable
    from types import FrameType

    from pytest_concurrency._core.telling.report import Place, TaskState
    from pytest_concurrency._engine.run import Run
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.greenlets.steps import Host
    from pytest_concurrency._runtimes.greenlets.watchers import Callback, Watcher
    from pytest_concurrency._sight.watching import Watch


class Crew:
    """Knows which task each greenlet of a hub is.

    Args:
        run: The run.
        loop: The loop that the hub runs.

    Attributes:
        callbacks: Stands for what the loop calls that lets no greenlet go on.
        parts: The greenlets, in the order of their start.
        standing: How everybody stood when nothing was left to be called; () while that was not so.
    """

    def __init__(self, run: Run, loop: Host) -> None:
        self.run = run
        self._loop = loop
        self.callbacks = GreenletTask(run, len(run.tasks), loop, name="callbacks")
        run.add_part(self.callbacks)
        self.parts: list[GreenletTask] = []
        self._by_id: dict[int, Task] = {}
        self._main: Any = None
        self._kept: list[Any] = []
        self._guests: list[GreenletTask] = []
        self._guests_met = 0
        self.standing: tuple[TaskState, ...] = ()

    def is_started(self, thing: Callback | Watcher) -> None:
        """Let a greenlet take part that is to be begun."""
        owner = getattr(thing.callback, "__self__", None)
        if is_greenlet(owner) and greenlet_of(thing) is not None:
            self.part_of(owner)

    def who(self, thing: Any) -> Task:
        """Return who it is in the run that a callback or a watcher lets go on."""
        greenlet = greenlet_of(thing)
        return self.callbacks if greenlet is None else self.part_of(greenlet)

    def part_of(self, greenlet: Any) -> Task:
        """Return what a greenlet is in the run: the main one of a thread is the thread."""
        part = self.known(greenlet)
        if part is None or part in self._guests:
            part = self._becomes_part(greenlet, part)
            self.run.add_part(part)
            self.parts.append(part)
            if is_heard(self.run):
                self._kept.append(greenlet)  # else one that has failed, and that nobody keeps, is gone at the end
            self._by_id[id(greenlet)] = part
        return part

    def _becomes_part(self, greenlet: Any, guest: Any) -> GreenletTask:
        """Let a greenlet take part, under the name that it has been told by."""
        if guest is None:
            return GreenletTask(self.run, len(self.run.tasks), self._loop, greenlet)
        self._guests.remove(guest)
        guest.takes_part(len(self.run.tasks))
        return guest  # type: ignore[no-any-return]

    def known(self, greenlet: Any) -> Task | None:
        """Return what a greenlet is in the run, if it takes part."""
        if greenlet.parent is None:
            return self._loop.host
        part = self._by_id.get(id(greenlet))
        return part if isinstance(part, GreenletTask) and part.greenlet is greenlet else None

    def guest(self, greenlet: Any) -> GreenletTask:
        """Return a name for a greenlet that no loop lets go on: only reports show it."""
        self._guests_met += 1
        part = GreenletTask(self.run, 1_000_000 + self._guests_met, self._loop, greenlet)
        self._guests.append(part)
        self._by_id[id(greenlet)] = part
        return part

    def has_ended(self, part: Task) -> bool:
        """Tell whether no further step of somebody will come."""
        return isinstance(part, GreenletTask) and part is not self.callbacks and part.has_gone()

    def living(self) -> list[GreenletTask]:
        """Return those who have not ended."""
        return [part for part in self.parts if not part.has_gone()]

    def heads(self, ready: deque[Callback]) -> tuple[dict[Task, Callback], Callback | None]:
        """Return what each greenlet would do next of what is in line, and the first callback that belongs to none."""
        found: dict[Task, Callback] = {}
        callback = None
        while ready and not ready[0].pending:
            ready.popleft()
        for each in ready:
            if not each.pending:
                continue
            part = self.who(each)
            if part is not self.callbacks:
                found.setdefault(part, each)
            elif callback is None:
                callback = each
        return found, callback

    # -- where they are

    def stands_at(self, part: Task) -> FrameType | None:
        """Return the user's frame in which somebody waits in the loop."""
        if isinstance(part, GreenletTask):
            return part.stands_at()
        return telling.caller(self._main_frame(), self.run.watch)

    def _main_frame(self) -> FrameType | None:
        greenlet = None if self._main is None else self._main()
        frame: FrameType | None = getattr(greenlet, "gr_frame", None)
        return frame

    def sees(self) -> None:
        """Note which greenlet is the thread's own; called in that thread, by the hub."""
        if self._main is None:
            root = sys.modules["greenlet"].getcurrent().parent
            while root.parent is not None:  # it was this one that needed a hub first
                if self.known(root) is None:
                    self.guest(root).begins()
                root = root.parent
            self._main = weakref.ref(root)

    @property
    def host(self) -> Task:
        """The task whose thread runs the hub."""
        return self._loop.host

    def waits_at(self, watchers: Iterable[Watcher]) -> Place:
        """Return where somebody waits for the world outside."""
        for each in watchers:
            frame = self.stands_at(self.who(each)) if each.callback is not None else None
            if frame is not None:
                return stacks.frame_place(frame)
        return stacks.frame_place(telling.caller(self._main_frame(), self.run.watch))

    def states(self, watch: Watch) -> list[TaskState]:
        """Return how those stand that have not ended."""
        people = [(part.name, part.greenlet) for part in (*self.parts, *self._guests) if not part.has_gone()]
        main = None if self._main is None else self._main()
        if main is not None:
            people.insert(0, (self._loop.host.name, main))
        known = ((each.greenlet, each.name) for each in self.parts)
        names = {id(greenlet): name for greenlet, name in known if greenlet is not None}  # else it is gone
        names |= {id(each): name for name, each in people}
        return telling.all_states(people, watch, names)

    def stands(self, watch: Watch) -> None:
        """Note how everybody stands: nothing is left to be called."""
        self.standing = tuple(self.states(watch))

    # -- the end

    def unwind(self) -> None:
        """End those who have begun and not ended; in the hub's greenlet, or in the thread's own if that is dead."""
        for part in [each for each in self.parts if not each.parked]:
            for _ in range(SWALLOWS):
                if not part.is_under_way():
                    break
                greenlet = part.greenlet
                try:
                    greenlet.throw(Unwind)
                except BaseException:  # what a `finally` makes of being taken down says nothing about the scenario
                    continue
            else:
                part.park()
                # When it is collected, it would be ended once more, and swallow that too, in the hub of the process.
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(greenlet))
