"""Tasks of other processes: each has a thread here that speaks for it, and a run like any other's."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import WRITE, Operation
from pytest_concurrency._engine.record import Finding
from pytest_concurrency._engine.task import ENDED, Sleep, Task, Unwind
from pytest_concurrency._machine import cpu, real
from pytest_concurrency._runtimes.processes import failing
from pytest_concurrency._runtimes.processes.children import Child
from pytest_concurrency._runtimes.processes.meeting import named
from pytest_concurrency._runtimes.processes.spots import beginning, frame_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from pytest_concurrency._runtimes.processes.desk import OwnDesk

SETTLES: Final = 0.25
"""Seconds that a process that was let go on may wait, and not for a processor, before it counts as outside."""
STARTS: Final = 20.0
"""Seconds that a new interpreter may take to begin."""
_LIBRARY: Final = os.path.join(os.path.dirname(contextlib.__file__), "multiprocessing", "queues.py")


class RemoteTask(Task):
    """A thread of a child process; a thread of this one speaks for it.

    Attributes:
        child: Its process.
    """

    __slots__ = (
        "_baton",
        "_desk",
        "_gone_at",
        "_is_up",
        "_speaks_in",
        "_spot",
        "_state",
        "_tokens",
        "child",
        "native",
        "word",
    )

    def __init__(self, run: Any, child: Child, name: str, desk: OwnDesk, *, daemon: bool) -> None:
        super().__init__(run, len(run.tasks), run.numbering.name(name), daemon=daemon)
        self.child = child
        self.word = "Thread" if child.tasks else "Process"
        child.tasks.append(self)
        self._desk = desk
        self._spot: tuple[Any, ...] = beginning(child.code)
        self._state = 0
        self._tokens: dict[int, int] = {}
        self._gone_at = 0.0
        self._is_up = False
        self._speaks_in = 0
        self._baton = real.allocate_lock()
        self._baton.acquire()

    # -- as a task

    def go(self) -> None:
        """Let it go on."""
        self._baton.release()

    def wait_for_turn(self) -> None:
        """Come back, in the thread that speaks for it, when it is let go on."""
        self._baton.acquire()

    def wait_a_moment(self, seconds: float) -> bool:
        """Like `wait_for_turn`, but no longer than that."""
        return bool(self._baton.acquire(timeout=seconds))

    def frame(self) -> FrameType | None:
        """Return where it has said that it is."""
        return frame_of(self._spot, self._state, _LIBRARY)  # type: ignore[return-value] # it answers what is asked

    def stands_at(self) -> FrameType | None:
        """Return the place in the user's code where it has said that it is."""
        return frame_of((self._spot[0], None), self._state, _LIBRARY)  # type: ignore[return-value]

    def tells(self) -> FrameType | None:
        """Return where it has said that it is."""
        return self.frame()

    def entries(self) -> list[CodeType]:
        """Return the code of its target."""
        return [] if self.child.code is None else [self.child.code]

    def strike(self, kind: type[BaseException]) -> None:
        """Kill its process: nothing else is certain to end it."""
        self.child.strike()

    def end_wait(self) -> None:
        """Kill its process, without which there is nothing to wait for."""
        self.child.strike()

    def clock_now(self) -> Any:
        """Return the processor time that the system counts for it."""
        return cpu.process_clock(self.child.pid)

    def is_ready(self) -> bool:
        """Tell whether it runs, waits for a processor, or has not had the time to begin."""
        waits = real.monotonic() - self._gone_at
        return waits < (SETTLES if self._is_up else STARTS) or cpu.process_is_ready(self.child.pid) or self._has_heard()

    def _has_heard(self) -> bool:
        """Tell whether the thread that speaks for it is about to go on: on a busy machine it may have to wait."""
        return cpu.thread_is_ready(self._speaks_in)

    @property
    def is_gone(self) -> bool:
        """Whether its process has ended."""
        return self.child.is_over

    @property
    def as_holder(self) -> str:
        """Its name, and how its process ended, for whoever waits for what it held."""
        return f"{self.name}, which has ended ({self.child.end})" if self.child.is_over else self.name

    def _has_waited(self, token: int, timeout_ns: int | None) -> None:
        if not self.timed_out:
            self.run.clock.cancel(token)
        if self._is_late or self.timed_out:
            place = self._spot[0]
            self.run.record.waited_with_a_limit(("", 0) if place is None else place[:2], gave_up=self.timed_out)
        if self.timed_out and self._is_late and self.run.recorder is not None:
            self.run.recorder.gave_up(self, timeout_ns or 0)

    # -- the thread that speaks for it

    def speak(self) -> None:
        """Be that thread, to the end of the task."""
        self._speaks_in = threading.get_native_id()
        self.wait_for_turn()
        run, child = self.run, self.child
        try:
            if not run.stopping:
                if run.recorder is not None:
                    run.recorder.begins(self)
                self._speak()
        except Unwind:
            pass
        except BaseException as error:  # of our own: the run must not stand still
            run.record.errors.append((self.name, error))
            run.halt(None)
        finally:
            if run.stopping:
                child.kill()
            run.end(self)

    def _speak(self) -> None:
        """Do for the task what it asks, until its process has ended or it has."""
        child = self.child
        while not child.is_over:
            self._let_go()
            while True:
                message = child.link.hear()
                if message is None:
                    self._over()
                    return
                verb, *what = message
                if verb in _TOLD:
                    _TOLD[verb](self, *what)
                elif verb == "end":
                    return
                else:
                    self._spot = what[0]
                    if what[1] is not None:
                        self._state = what[1]
                    self.timed_out = False
                    _ASKED[verb](self, *what[2:])
                    break

    def _let_go(self) -> None:
        run = self.run
        self._gone_at = real.monotonic()
        self.child.link.say(self.id, run.clock.now_ns, self.timed_out, len(run.tasks), run.recorder is not None)

    def _over(self) -> None:
        """Its process has ended: so do its other threads, and who waits for the last end of a pipe looks again."""
        self.child.over()
        if not self.child.announced:
            self.run.shared.note_opaque()
        self._desk.has_ended(self, self.child.tasks)

    # -- what it asks: the turn comes back, and it goes on

    def _reach(self, op: Operation) -> None:
        self.run.reach(self, self._meant(op))

    def _block(self, op: Operation, target: tuple[str, Any]) -> None:
        self.run.block(self, self._meant(op), self._target(*target))

    def _target(self, sort: str, what: Any) -> object:
        """Return what a report says that a thread of a child waits for."""
        if sort == "task":
            return self.run.tasks[what]
        if sort == "sleep":
            return Sleep(what)
        own = self.child.own.get(what)
        return named(("thread",), "Lock", ("", 0)) if own is None else self.run.resources[own - 1]

    def _meant(self, op: Operation) -> Operation:
        """Return an operation as it is called here: what belongs to one process has a number of its own there."""
        own = self.child.own
        if op[1] is None or not own:
            return op
        return (op[0], tuple((("sync", own[key[1]]) if key[1] in own else key, mode) for key, mode in op[1]))  # type: ignore[index] # a key is a tuple

    def _adopted(self, name: tuple[Any, ...], number: int) -> None:
        self.child.knows(number, self._desk.know(self, named(*name)).number)

    def _at(self, name: tuple[Any, ...], verb: str, also: tuple[Any, ...]) -> None:
        self._desk.reach(self, named(*name), verb, [named(*each) for each in also])

    def _line(self, name: tuple[Any, ...], verb: str, timeout_ns: int | None, free: bool) -> None:  # noqa: FBT001
        self._desk.line(self, named(*name), verb, timeout_ns, free=free)

    def _watch(self, names: tuple[Any, ...], timeout_ns: int | None, free: bool) -> None:  # noqa: FBT001
        self._desk.watch(self, [named(*name) for name in names], timeout_ns, free=free)

    def _touch(self, name: tuple[Any, ...], verb: str, part: str, index: int | None) -> None:
        self._desk.touch(self, named(*name), verb, part, index)

    def _touches(self, verb: str, names: tuple[str, ...], things: tuple[tuple[Any, bool], ...] | None) -> None:
        known = None if things is None else [(named(*name), each) for name, each in things]
        self._desk.touches(self, verb, names, known)

    def _exit(self) -> None:
        """Let the end of its process be a step: with it may go the last end of any pipe."""
        self.child.announces()
        self.run.reach(self, ("end", (*self._own_end(), *self._last_ends())))

    def _own_end(self) -> tuple[tuple[object, int], ...]:
        return ((("task", self.child.tasks[0].id), WRITE),)

    def _last_ends(self) -> tuple[tuple[object, int], ...]:
        return tuple(access for stream in self._desk.streams() for access in stream.touched("close"))

    # -- what it tells: it goes on at once

    def _taken(self, name: tuple[Any, ...], is_empty: bool) -> None:  # noqa: FBT001
        self._desk.taken(self, named(*name), is_empty=is_empty)

    def _given(self, name: tuple[Any, ...]) -> None:
        self._desk.given(self, named(*name))

    def _made(self, key: tuple[Any, ...]) -> None:
        self._desk.made(self, key)

    def _showed(self, value: str) -> None:
        self._desk.showed(self, value)

    def _blind(self, file: str = "", line: int = 0) -> None:
        self.run.shared.note_opaque((file, line) if file else None)

    def _enable(self, number: int) -> None:
        self.run.enable(self.run.tasks[number])

    def _disable(self, number: int) -> None:
        waiter = self.run.tasks[number]
        if not waiter.timed_out:  # else it goes on, to say that it gave up: its own process does not know that yet
            self.run.disable(waiter)

    def _timer(self, token: int, deadline_ns: int, number: int) -> None:
        self._tokens[token] = self.run.clock.add(deadline_ns, number)

    def _cancel(self, token: int) -> None:
        self.run.clock.cancel(self._tokens.pop(token))

    def _pick(self, options: int) -> None:
        self.child.link.say(self.run.pick(self, options))

    def _now(self, readings: int) -> None:
        for _ in range(readings):
            self.run.readings.now_ns(self)
        self.child.link.say(self.run.clock.now_ns)

    def _limited(self, line: tuple[str, int], gave_up: bool) -> None:  # noqa: FBT001
        self.run.record.waited_with_a_limit(line, gave_up=gave_up)

    def _outside(self, name: str, place: str) -> None:
        self.run.record.went_outside(name, place)

    def _lost(self, place: str) -> None:
        self.lost(self, place)

    def lost(self, task: Task, place: str) -> None:
        """Give up the run, in the thread of the task that has the turn."""
        self.run.record.went_outside(self.name, place)
        self.run.stop(task, Finding("cut", f"{self.name} is out of control at {place}"))

    def _failed(self, name: str, told: tuple[Any, ...]) -> None:
        self.child.fails(name, failing.unpacked(told))

    def _progressed(self) -> None:
        self.run.progressed()

    def _hello(self) -> None:
        self._is_up = True

    def _woken(self) -> None:
        """Let the main thread go on, which has raised in a handler while another has the turn."""
        if self is not self.child.tasks[0]:
            self.run.enable(self.child.tasks[0])

    def _handled(self) -> None:
        """Do nothing: a handler has run that raised nothing."""

    def _signalled(self, pid: int, number: int) -> None:
        self._desk.signalled(self, pid, number)

    def _thread(self, name: str) -> None:
        speaker(self.run, self.child, name, self._desk, daemon=True)._hello()

    def _child(self, name: str, daemon: bool, pid: int) -> None:  # noqa: FBT001
        self._desk.let_in(self, Child(name, self.child.link.take_over(), None, pid), daemon=daemon)

    def _there(self, number: int) -> None:
        self.child.link.say(self.run.tasks[number].state is not ENDED)

    def _judges(self, number: int) -> None:
        self._desk.judges(self, number)

    def _joins(self, number: int, timeout_ns: int | None) -> None:
        self._desk.joins(self, number, timeout_ns)


def speaker(run: Any, child: Child, name: str, desk: OwnDesk, *, daemon: bool) -> RemoteTask:
    """Let a thread of a child process take part."""
    task = RemoteTask(run, child, name, desk, daemon=daemon)
    run.add(task)
    desk.speakers.do(task.speak)
    return task


_ASKED: Final[dict[str, Callable[..., None]]] = {
    "reach": RemoteTask._reach, "block": RemoteTask._block, "at": RemoteTask._at, "line": RemoteTask._line,
    "watch": RemoteTask._watch, "touch": RemoteTask._touch, "touches": RemoteTask._touches, "exit": RemoteTask._exit,
    "join": RemoteTask._joins,
}  # fmt: skip
_TOLD: Final[dict[str, Callable[..., None]]] = {
    name: getattr(RemoteTask, f"_{name}")
    for name in ("taken", "given", "showed", "blind", "enable", "disable", "timer", "cancel", "pick", "now", "limited",
                 "outside", "lost", "failed", "progressed", "thread", "adopted", "woken", "handled", "signalled",
                 "child", "there", "judges", "hello", "made")
}  # fmt: skip
