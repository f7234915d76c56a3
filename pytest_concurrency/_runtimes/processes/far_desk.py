"""The desk of a child process: everything is asked of the process that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pytest_concurrency._core.operations import READ

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

    from pytest_concurrency._core.operations import Operation
    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.processes.link import Link
    from pytest_concurrency._runtimes.processes.meeting import Meeting


class Asking(Protocol):
    """What is asked of the run."""

    is_told: bool
    alive: int
    link: Link

    def reach(self, task: Task, op: Operation) -> None:
        """Offer a switch before an operation."""

    def blind(self) -> None:
        """Say that something happens which does not show."""

    def answer(self, *message: Any) -> Any:
        """Say something, and return the answer."""

    def ask(self, task: Task, verb: str, *what: Any) -> bool:
        """Say what a task is about to do; return when it is to do it, and whether its time was up first."""

    def tell(self, *message: Any) -> None:
        """Say something that needs no answer."""


class FarDesk:
    """The desk of a child process: everything is asked of the process that decides."""

    def __init__(self, run: Asking) -> None:
        self._run = run

    def leave(self) -> None:
        """Close the line, in a process that has one of its own."""
        self._run.link.close()

    def reach(self, task: Task, meeting: Meeting, verb: str, also: Sequence[Meeting] = ()) -> None:
        """Offer a switch before an operation."""
        if not task.quiet:
            self._run.ask(task, "at", meeting.name, verb, tuple(each.name for each in also))

    def line(self, task: Task, meeting: Meeting, verb: str, timeout_ns: int | None, *, free: bool) -> bool:
        """Wait until it can be had."""
        return not (free and task.quiet) and self._run.ask(task, "line", meeting.name, verb, timeout_ns, free)

    def watch(self, task: Task, meetings: Sequence[Meeting], timeout_ns: int | None, *, free: bool) -> bool:
        """Wait until one of them can be had."""
        names = tuple(each.name for each in meetings)
        return not (free and task.quiet) and self._run.ask(task, "watch", names, timeout_ns, free)

    def taken(self, task: Task, meeting: Meeting, *, is_empty: bool) -> None:
        """Say that a task has taken something."""
        self._run.tell("taken", meeting.name, is_empty)

    def given(self, task: Task, meeting: Meeting) -> None:
        """Say that a task has given something."""
        self._run.tell("given", meeting.name)

    def touch(self, task: Task, meeting: Meeting, verb: str, part: str, index: int | None) -> None:
        """Offer a switch before shared memory is touched."""
        if not task.quiet:
            self._run.ask(task, "touch", meeting.name, verb, part, index)

    def touches(
        self, task: Task, verb: str, names: tuple[str, ...], things: Sequence[tuple[Meeting, bool]] | None
    ) -> None:
        """Offer a switch before files are touched."""
        if not task.quiet:
            told = None if things is None else tuple((meeting.name, writes) for meeting, writes in things)
            self._run.ask(task, "touches", verb, names, told)

    def made(self, task: Task, key: tuple[Any, ...]) -> None:
        """Say that a file has been made."""
        self._run.tell("made", key)

    def showed(self, task: Task, value: str) -> None:
        """Say what was read or written."""
        if self._run.is_told:
            self._run.tell("showed", value)

    def signalled(self, task: Task, pid: int, number: int) -> None:
        """Say that a signal has been sent to a process."""
        self._run.tell("signalled", pid, number)

    def starts(self, task: Task, process: Any, line: Link, code: CodeType | None) -> None:
        """Say that a process has been started, and hand on the other end of its line."""
        if self._run.alive > 1:
            self.blind(task)
        self._run.tell("child", process.name, bool(process.daemon), process.pid)
        self._run.link.pass_on(line)
        line.close()

    def joins(self, task: Task, number: int, timeout_ns: int | None) -> bool:
        """Wait for the end of a process."""
        self._run.ask(task, "join", number, timeout_ns)
        return not self._run.answer("there", number)[0]

    def is_there(self, task: Task, number: int) -> bool:
        """Tell whether a process has not ended."""
        self._run.reach(task, ("look", ((("task", number), READ),)))
        return bool(self._run.answer("there", number)[0])

    def judges(self, task: Task, number: int) -> None:
        """Say that the scenario looks itself how a process has ended."""
        self._run.tell("judges", number)

    def blind(self, task: Task) -> None:
        """Say that something happens which does not show."""
        self._run.blind()
