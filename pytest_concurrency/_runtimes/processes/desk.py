"""What the doubles of multiprocessing ask of their run, in the process that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_concurrency._core.operations import READ, READ_PART, WRITE, WRITE_PART, Operation
from pytest_concurrency._engine import naming

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.processes.meeting import Meeting


class Desk(Protocol):
    """What a double may ask, in whichever process it is; `task` is the one that has the turn, in its own thread.

    Each method with a verb returns when the task is to do what it names; the double then does it with
    the real thing, and says what became of it.
    """

    def reach(self, task: Task, meeting: Meeting, verb: str) -> None:
        """Offer a switch before an operation that does not wait; see `Meeting.op` for the verbs."""

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

    def showed(self, task: Task, value: str) -> None:
        """Say what was read or written there."""

    def blind(self, task: Task) -> None:
        """Say that something happens which does not show: nothing is proved by this run."""


class OwnDesk:
    """The desk of the process that decides.

    Attributes:
        things: What the run has met, by key.
    """

    def __init__(self) -> None:
        self.things: dict[tuple[Any, ...], Meeting] = {}

    def clear(self) -> None:
        """Forget everything: the run is over."""
        self.things.clear()

    def know(self, task: Task, meeting: Meeting) -> Meeting:
        """Return the one that all processes mean, as a part of the run."""
        known = self.things.setdefault(meeting.key, meeting)
        if known.run is not task.run:
            task.run.adopt(known)
        return known

    def reach(self, task: Task, meeting: Meeting, verb: str) -> None:
        """Offer a switch before an operation."""
        known = self.know(task, meeting)
        self._reach(task, known, known.op(verb))

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
        task.wait(op, known[0], timeout_ns)
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
        writes = verb == "write"
        accesses: tuple[tuple[object, int], ...] = ((("sync", known.number), WRITE if writes else READ),)
        if index is not None:
            whole = (("sync", known.number), WRITE_PART if writes else READ_PART)
            accesses = (whole, (("sync", known.number, index), WRITE if writes else READ))
        task.run.reach(task, (f"{verb} {name}{part}", accesses))
        if writes:
            task.run.progressed()

    def showed(self, task: Task, value: str) -> None:
        """Put the value into the lanes."""
        if task.run.recorder is not None:
            task.run.recorder.has_read(value)

    def blind(self, task: Task) -> None:
        """Note that nothing is proved by this run."""
        task.run.shared.note_opaque()

    def streams(self) -> Iterator[Meeting]:
        """Yield the pipes of the run, of which the end of a process may have been the last end."""
        return (each for each in self.things.values() if each.kind == "Connection")
