"""A run as a child process has it: others decide, over the line to the process that does."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._engine.current import here
from pytest_concurrency._engine.numbering import Numbering
from pytest_concurrency._engine.task import RUNNING, Sleep, Task
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes import signals
from pytest_concurrency._runtimes.processes.child_parts import (
    ChildClock,
    ChildOutside,
    ChildReadings,
    ChildRecord,
    ChildShared,
    Deaf,
)
from pytest_concurrency._runtimes.processes.spots import spot
from pytest_concurrency._sight import stacks

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._runtimes.processes.link import Link
    from pytest_concurrency._sight.watching import Watch

STATE_EVERY: Final = 16
"""After so many steps a process says whether its variables have changed."""
LOST: Final = 97
"""With this status a process ends whose run is over."""


class MainTask(Task):
    """The main thread of a child process."""

    __slots__ = ("_baton", "excepthook", "ident")

    word = "Process"

    def __init__(self, run: ChildRun, number: int, name: str) -> None:
        super().__init__(run, number, name)
        self.ident = real.get_ident()
        self.excepthook: Any = threading.excepthook
        self._baton = real.allocate_lock()
        self._baton.acquire()

    def go(self) -> None:
        """Let it go on."""
        self._baton.release()

    def wait_for_turn(self) -> None:
        """Come back when another thread of this process lets it go on."""
        self._baton.acquire()

    def wait_a_moment(self, seconds: float) -> bool:
        """Like `wait_for_turn`, but no longer than that."""
        return bool(self._baton.acquire(timeout=seconds))

    def frame(self) -> FrameType | None:
        """Return where it is."""
        return real.current_frames().get(self.ident)

    def strike(self, kind: type[BaseException]) -> None:
        """Do nothing: a process is ended from outside."""


class ChildRun:
    """What the doubles of a child process take for their run.

    Whose turn it is, the process that decides says; a thread of this one that has given the turn away
    listens until it comes back, and hands it on to the thread that is meant.

    Args:
        link: The line.
        number: The number of the task that is this process' main thread.
        name: Its name.
        watch: Whose code is the user's.
        floor: What this process begins with.
    """

    stopping = False
    single = True
    slowly = False
    recorder = None
    listener = None
    guide = None
    current: Task | None = None

    def __init__(self, link: Link, number: int, name: str, watch: Watch, floor: CodeType) -> None:
        self.link = link
        self._floor = floor
        self.watch = watch
        self.steps = 0
        self.tasks: list[Any] = []
        self.root = MainTask(self, number, name)
        self.clock = ChildClock(self)
        self.numbering = Numbering()
        self.serial = self.numbering.serial
        self.record = ChildRecord(self)
        self.shared = ChildShared(self)
        self.outside = ChildOutside(self)
        self.readings = ChildReadings(self)
        self.events = Deaf()
        self.alive = 1
        self.is_told = False
        self._is_away = False
        self._raised: BaseException | None = None
        self._is_late = False
        self._resources = 0
        self._take_part(self.root)

    # -- the turn

    def begins(self) -> None:
        """Wait, in the main thread, for its first turn."""
        self._is_away = True
        signals.hold(self)
        self._wait(self.root)

    def is_away(self) -> bool:
        """Tell whether the main thread, in which alone handlers of signals run, waits for its turn."""
        return self._is_away

    def handled(self, error: BaseException | None) -> None:
        """Note that a handler has run meanwhile; who raises goes on with that."""
        self._raised = self._raised or error
        self.link.say("handled" if error is None else "woken")

    def _is_handling(self) -> bool:
        return self._is_away and real.get_ident() == self.root.ident

    def _wait(self, task: Task) -> None:
        """Listen until it is this task's turn; hand on what is for another thread of this process."""
        to = self._hear()
        other = self.tasks[to]
        self.current = other
        if other is not task:
            other.go()
            task.wait_for_turn()
        if task is self.root:
            self._is_away = False
            raised, self._raised = self._raised, None
            if raised is not None:
                raise raised

    def _hear(self) -> int:
        message = self.link.hear()
        if message is None:
            real.end_process(LOST)
        to, now_ns, self._is_late, count, self.is_told = message
        self.clock.is_now(now_ns)
        self.tasks.extend([None] * (count - len(self.tasks)))
        return int(to)

    def ask(self, task: Task, verb: str, *what: Any) -> bool:
        """Say what a task is about to do; return when it is to do it, and whether its time was up first."""
        if self._is_handling():
            if verb in _WAITS and what[-1] is not True:
                self._handler_waits()
            return False
        self.steps += 1
        frame = sys._getframe(1)
        state = hash(stacks.plain_state(frame)) if self.steps % STATE_EVERY == 0 else None
        place = spot(frame, self.watch, self._floor)
        self._is_away = self._is_away or task is self.root
        self.link.say(verb, place, state, *what)
        self._wait(task)
        return self._is_late

    def _handler_waits(self) -> None:
        """Say that what comes is out of control: it would wait while others have the turn."""
        where = stacks.frame_place(stacks.user_frame(sys._getframe(2), self.watch))
        self.link.say("lost", f"{where} (in the handler of a signal)")
        real.end_process(LOST)

    def answer(self, *message: Any) -> Any:
        """Say something, and return the answer."""
        if self._is_handling():
            self._handler_waits()
        self.link.say(*message)
        return self.link.hear()

    def tell(self, *message: Any) -> None:
        """Say something that needs no answer."""
        if not self._is_handling():
            self.link.say(*message)

    def blind(self) -> None:
        """Say that something happens which does not show, and at which line of the user's."""
        frame = stacks.user_frame(sys._getframe(1), self.watch)
        self.tell("blind", *(() if frame is None else (frame.f_code.co_filename, frame.f_lineno)))

    def gives_up(self, task: Task, place: str) -> None:
        """Say that what comes is out of control: nobody waits for it."""
        self.link.say("lost", place)
        self.link.hear()
        real.end_process(LOST)

    # -- as threads and their doubles ask it

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch before an operation."""
        if not task.quiet and not (self.alive == 1 and op[0] in _OWN):
            self.ask(task, "reach", op)

    def block(self, task: Task, op: Operation, target: object) -> None:
        """Wait until another enables the task, or its deadline fires."""
        task.waits(target)
        if self.ask(task, "block", op, _text(target)):
            task.time_is_up()
        task.waits(None)

    def enable(self, task: Task) -> None:
        """Put a blocked task back among those who can go on."""
        if task.state is RUNNING:
            self.tell("enable", task.id)

    def disable(self, task: Task) -> None:
        """Take back `enable`."""
        self.tell("disable", task.id)

    def pick(self, task: Task, options: int) -> int:
        """Answer which of several equal waiters is woken."""
        return 0 if options < 2 or task.quiet else int(self.answer("pick", options)[0])

    def adopt(self, resource: Any) -> None:
        """Number an object of this process alone."""
        self._resources += 1
        number = -(self.root.id << 32 | self._resources)  # of this process alone: the other side has its own
        resource.join_run(self, number)
        self.tell("adopted", ((self.root.id, "alone", self._resources), resource.kind, resource.made), number)

    def progressed(self) -> None:
        """Note that something has changed."""
        self.tell("progressed")

    def unwind(self, task: Task) -> BaseException:
        """End: nobody unwinds a child process."""
        real.end_process(LOST)

    def add(self, task: Task) -> None:
        """Let a thread of this process take part."""
        self._take_part(task)
        self.alive += 1
        self.tell("thread", task.name)
        if not _is_library(task):
            self.shared.note_opaque()  # what threads of a child do to its memory is not looked at

    def begins_with(self, task: Task, op: Operation) -> None:
        """Do nothing: its target is the library's, or nothing is proved."""

    def end(self, task: Task) -> None:
        """End a thread; the last that it does is to hand on the turn."""
        task.has_ended()
        self.alive -= 1
        for waiter in task.joiners:
            self.enable(waiter)
        self.link.say("end")
        other = self.tasks[self._hear()]
        self.current = other
        other.go()

    def _take_part(self, task: Task) -> None:
        self.tasks.extend([None] * (task.id + 1 - len(self.tasks)))
        self.tasks[task.id] = task

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        task = here.task
        where = stacks.frame_place(stacks.user_frame(sys._getframe(1), self.watch))
        if task is not None:
            self.gives_up(task, str(where))
        raise AttributeError(name)


_WAITS: Final = frozenset({"block", "line", "watch", "join"})
_OWN: Final = frozenset({"acquire", "release", "try", "look", "notify", "put", "get", "started"})
"""What a process that has one thread does with what no other process has."""


def _is_library(task: Task) -> bool:
    thread: Any = getattr(task, "thread", None)
    module = getattr(getattr(thread, "_target", None), "__module__", "")
    return str(module).startswith("multiprocessing.")


def _text(target: object) -> tuple[Any, ...]:
    """Return what is waited for, as values that travel."""
    if isinstance(target, Task):
        return ("task", target.id)
    if isinstance(target, Sleep):
        return ("sleep", target.seconds)
    return ("own", getattr(target, "number", 0))
