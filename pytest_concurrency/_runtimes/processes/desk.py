"""What the doubles of multiprocessing ask of their run, in the process that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from pytest_concurrency._core.operations import READ, READ_PART, WRITE, WRITE_PART, Operation, Said
from pytest_concurrency._engine import naming
from pytest_concurrency._engine.task import ENDED
from pytest_concurrency._machine.kept_threads import KeptThreads
from pytest_concurrency._runtimes.processes import outer, signals
from pytest_concurrency._runtimes.processes.children import DIES_WITHIN, Child
from pytest_concurrency._runtimes.processes.meeting import FileMeeting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from types import CodeType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.processes.link import Link
    from pytest_concurrency._runtimes.processes.meeting import Meeting


HANDLES_WITHIN: Final = 2.0
"""Seconds in which a process says that a handler of Python's has run; others say nothing."""


class Desk(Protocol):
    """What a double may ask, in whichever process it is; `task` is the one that has the turn, in its own thread.

    Each method with a verb returns when the task is to do what it names; the double then does it with
    the real thing, and says what became of it.
    """

    def reach(self, task: Task, meeting: Meeting, verb: str, also: Sequence[Meeting] = ()) -> None:
        """Offer a switch before an operation, perhaps on several, that does not wait; see `Meeting.op` for verbs."""

    def line(self, task: Task, meeting: Meeting, verb: str, timeout_ns: int | None, *, free: bool) -> bool:
        """Wait until it can be had, as far as anybody knows; tell whether time was up first.

        `free` says that it can be had now; with a verb that gives, what is waited for is room.
        """

    def watch(self, task: Task, meetings: Sequence[Meeting], timeout_ns: int | None, *, free: bool) -> bool:
        """Like `line`, for whichever of several comes first; nothing is taken."""

    def taken(self, task: Task, meeting: Meeting, *, is_empty: bool) -> None:
        """Say that the task has taken something, and whether nothing is left."""

    def given(self, task: Task, meeting: Meeting) -> None:
        """Say that it has given something."""

    def touch(self, task: Task, meeting: Meeting, verb: str, part: str, index: int | None) -> None:
        """Offer a switch before shared memory is read or written.

        Args:
            task: Who does it.
            meeting: The memory.
            verb: `read` or `write`.
            part: What a report says after the name: `.value`, `[2]`.
            index: Which part; None is all of it.
        """

    def touches(
        self, task: Task, verb: str, names: tuple[str, ...], things: Sequence[tuple[Meeting, bool]] | None
    ) -> None:
        """Offer a switch before files are touched.

        Args:
            task: Who does it.
            verb: What a report says before the names: `write`.
            names: Of the files.
            things: What is touched, and whether it is written; None for what conflicts with everything.
        """

    def made(self, task: Task, key: tuple[Any, ...]) -> None:
        """Say that a file has been made; nobody has met it, whoever had its number before."""

    def showed(self, task: Task, value: str) -> None:
        """Say what was read or written there."""

    def blind(self, task: Task) -> None:
        """Say that something happens which does not show: nothing is proved by this run."""

    def signalled(self, task: Task, pid: int, number: int) -> None:
        """Say that a signal has been sent to a process."""

    def starts(self, task: Task, process: Any, line: Link, code: CodeType | None) -> None:
        """Say that a process has been started.

        Args:
            task: Who has started it; the next number is that of its main thread.
            process: The `multiprocessing.Process`.
            line: The end of its line that belongs to the process that decides.
            code: What it begins with, if that is known.
        """

    def joins(self, task: Task, number: int, timeout_ns: int | None) -> bool:
        """Wait for the end of a process, by the number of its main thread; tell whether it has ended."""

    def is_there(self, task: Task, number: int) -> bool:
        """Offer the switch that belongs before a question about a process; tell whether it has not ended."""

    def judges(self, task: Task, number: int) -> None:
        """Say that the scenario looks itself how a process has ended."""


def is_elsewhere(task: Task) -> bool:
    """Tell whether a task lives in another process."""
    return type(getattr(task, "child", None)) is Child


class OwnDesk:
    """The desk of the process that decides.

    Attributes:
        things: What the run has met, by key.
        children: Its child processes, in the order of their start.
        speakers: The threads that speak for those of its children.

    Args:
        speaker: Makes the task of a child's thread, and lets it take part.
        opened: The descriptors of files whose accesses are seen.
        maps: The maps whose accesses are.
    """

    def __init__(
        self, speaker: Callable[..., Any], opened: Mapping[int, tuple[int, ...]], maps: Collection[bytes]
    ) -> None:
        self._speaker = speaker
        self._maps = maps
        self._opened = opened
        self._names: dict[str, int] = {}
        self.things: dict[tuple[Any, ...], Meeting] = {}
        self.children: list[Child] = []
        self.speakers = KeptThreads()

    def clear(self) -> None:
        """Forget everything: the run is over."""
        self._names.clear()
        self.things.clear()
        self.children.clear()

    def know(self, task: Task, meeting: Meeting) -> Meeting:
        """Return the one that all processes mean, as a part of the run."""
        known = self.things.setdefault(meeting.key, meeting)
        if known.run is not task.run:
            task.run.adopt(known)
        return known

    def reach(self, task: Task, meeting: Meeting, verb: str, also: Sequence[Meeting] = ()) -> None:
        """Offer a switch before an operation."""
        known = self.know(task, meeting)
        what, touched = known.op(verb)
        for each in also if touched is not None else ():
            touched = (*(touched or ()), *(self.know(task, each).op(verb)[1] or ()))
        self._reach(task, known, (what, touched))

    def _reach(self, task: Task, known: Meeting, op: Operation) -> None:
        task.waits(known)
        task.run.reach(task, op)
        task.waits(None)

    def line(self, task: Task, meeting: Meeting, verb: str, timeout_ns: int | None, *, free: bool) -> bool:
        """Wait until it can be had."""
        known = self.know(task, meeting)
        if verb != "take":
            return self._await(task, [known], known.op(verb), timeout_ns, free=free)
        task.stand_in_line(known, timeout_ns, free=free)
        return task.timed_out

    def watch(self, task: Task, meetings: Sequence[Meeting], timeout_ns: int | None, *, free: bool) -> bool:
        """Wait until one of them can be had."""
        known = [self.know(task, each) for each in meetings]
        touched = tuple(access for each in known for access in each.touched("poll"))
        return self._await(task, known, ("poll", touched), timeout_ns, free=free)

    def _await(self, task: Task, known: list[Meeting], op: Operation, timeout_ns: int | None, *, free: bool) -> bool:
        if free:
            self._reach(task, known[0], op)
            return False
        for each in known:
            each.waiters.append(task)
        try:
            task.wait(op, known[0], timeout_ns)
        finally:
            for each in known:
                each.waiters.remove(task)
        return task.timed_out

    def taken(self, task: Task, meeting: Meeting, *, is_empty: bool) -> None:
        """Note that a task has taken something."""
        self.know(task, meeting).taken(task, is_empty=is_empty)
        task.run.progressed()

    def given(self, task: Task, meeting: Meeting) -> None:
        """Note that a task has given something."""
        self.know(task, meeting).given(task)
        task.run.progressed()

    def touch(self, task: Task, meeting: Meeting, verb: str, part: str, index: int | None) -> None:
        """Offer a switch before shared memory is touched."""
        known = self.know(task, meeting)
        name = naming.describe(known)[0].partition("`")[2].rstrip("`") or known.kind
        what: str = f"{verb} {name}{part}"
        if isinstance(known, FileMeeting):  # who maps it has said already what that is
            what = Said(f"{verb} {part}", verb, part.partition("[")[2])
        writes = verb == "write"
        accesses: tuple[tuple[object, int], ...] = ((("sync", known.number), WRITE if writes else READ),)
        if index is not None:
            whole = (("sync", known.number), WRITE_PART if writes else READ_PART)
            accesses = (whole, (("sync", known.number, index), WRITE if writes else READ))
        task.run.reach(task, (what, accesses))
        if writes:
            task.run.progressed()

    def touches(
        self, task: Task, verb: str, names: tuple[str, ...], things: Sequence[tuple[Meeting, bool]] | None
    ) -> None:
        """Offer a switch before files are touched."""
        accesses = None
        if things is not None:
            known = [(self.know(task, meeting), writes) for meeting, writes in things]
            accesses = tuple((("sync", each.number), WRITE if writes else READ) for each, writes in known)
        numbers = tuple(self._names.setdefault(each, len(self._names)) for each in names)
        task.run.reach(task, (Said(f"{verb} {' to '.join(names)}".rstrip(), verb, *numbers), accesses))
        if things is None or any(writes for _, writes in things):
            task.run.progressed()

    def made(self, task: Task, key: tuple[Any, ...]) -> None:
        """Forget which file had the number: the system gives it again, at some time."""
        for each in [each for each in self.things if each[1:] == key[1:]]:  # its content, its locks
            del self.things[each]

    def showed(self, task: Task, value: str) -> None:
        """Put the value into the lanes."""
        if task.run.recorder is not None:
            task.run.recorder.has_read(value)

    def blind(self, task: Task) -> None:
        """Note that nothing is proved by this run."""
        task.run.shared.note_opaque()

    def starts(self, task: Task, process: Any, line: Link, code: CodeType | None) -> None:
        """Let a process take part that this one has started; what its other threads do meanwhile, it may see or not."""
        others = (each for each in task.run.tasks if each is not task)
        if any(each.state is not ENDED and not is_elsewhere(each) for each in others):
            self.blind(task)
        if not self.children and outer.shares_unseen(self._opened, self._maps):
            self.blind(task)
        self.let_in(task, Child(process.name, line, process, process.pid, code), daemon=bool(process.daemon))

    def let_in(self, task: Task, child: Child, *, daemon: bool) -> None:
        """Let a process take part, whoever has started it."""
        self.children.append(child)
        self._speaker(task.run, child, child.name, self, daemon=daemon)
        task.run.progressed()

    def joins(self, task: Task, number: int, timeout_ns: int | None) -> bool:
        """Wait for the end of a process."""
        other = task.run.tasks[number]
        key = (("task", number), READ)
        if other.state is ENDED:
            task.run.reach(task, ("join", (key,)))
        elif timeout_ns == 0:
            task.run.reach(task, ("look", (key,)))
        else:
            task.join(other, ("join", (key,)), timeout_ns)
        return bool(other.state is ENDED)

    def is_there(self, task: Task, number: int) -> bool:
        """Tell whether a process has not ended."""
        task.run.reach(task, ("look", ((("task", number), READ),)))
        return task.run.tasks[number].state is not ENDED

    def judges(self, task: Task, number: int) -> None:
        """Note that the scenario looks itself how a process has ended."""
        task.run.tasks[number].child.asked()

    def signalled(self, task: Task, pid: int, number: int) -> None:
        """Let a process of the run that the signal ends have ended; one that handles it looks again."""
        for child in self.children:
            if child.pid == pid and not child.is_over:
                task.begins_work()
                try:
                    self._signalled(task, child, signals.fate(pid, number))
                finally:
                    task.has_worked()

    def _signalled(self, task: Task, child: Child, what: str) -> None:
        if what == "ends" and child.link.ends_within(DIES_WITHIN):
            child.over()
            self.has_ended(task, child.tasks)
        elif what:
            self.blind(task)
            self._handled(task, child)

    def _handled(self, task: Task, child: Child) -> None:
        """Wait until a process has handled a signal; who raises in the handler goes on."""
        verb, *what = child.link.hears_within(HANDLES_WITHIN) or ("",)
        if verb == "woken":
            task.run.enable(child.tasks[0])
        elif verb == "lost":
            main: Any = child.tasks[0]
            main.lost(task, *what)

    def has_ended(self, task: Task, threads: Sequence[Task]) -> None:
        """Let the threads of a process end in their turn, and whoever waits at a pipe look whether that was its end."""
        for each in threads:
            if each is not task:
                task.run.enable(each)
        for stream in self.streams():
            stream.given(task)
        task.run.progressed()

    def streams(self) -> Iterator[Meeting]:
        """Yield the pipes of the run, of which the end of a process may have been the last end, and locks of files."""
        return (each for each in self.things.values() if each.kind in ("Connection", "FileLock"))
