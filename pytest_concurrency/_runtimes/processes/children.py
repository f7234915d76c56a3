"""Child processes of a run, as the process knows them that decides."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes.joining import how_it_ended

if TYPE_CHECKING:
    from types import CodeType

    from pytest_concurrency._engine.task import Task
    from pytest_concurrency._runtimes.processes.link import Link

DIES_WITHIN: Final = 2.0
"""Seconds that a process may take to end, once a signal has ended it."""


@dataclass(slots=True)
class Child:
    """A child process of a run.

    Attributes:
        name: What reports call it.
        link: The line to it.
        process: Its `multiprocessing.Process`, where this process has started it.
        pid: Its number for the system; 0 until it is known.
        code: What it begins with, if that is known.
        tasks: Its threads, the main one first.
        status: How it ended; None while it has not, or nobody could learn it.
        is_over: Whether nothing of it will come any more.
        announced: Whether its end is a step that has been taken.
        failure: What ended its target.
        is_asked: Whether the scenario has asked how it ended.
        is_met: Whether the scenario has found it ended: until then the system keeps its number.
        own: By the numbers of what only its threads meet at, the numbers of that in the run.
    """

    name: str
    link: Link
    process: Any = None
    pid: int = 0
    code: CodeType | None = None
    tasks: list[Task] = field(default_factory=list)
    status: int | None = None
    is_over: bool = False
    announced: bool = False
    failure: tuple[str, BaseException] | None = None
    is_asked: bool = False
    is_met: bool = False
    own: dict[int, int] = field(default_factory=dict)
    _has_died: bool = False
    _ending: Any = field(default_factory=real.allocate_lock)

    def knows(self, theirs: int, number: int) -> None:
        """Note what something is called here that only its threads meet at."""
        self.own[theirs] = number

    def asked(self) -> None:
        """Note that the scenario looks itself how it ended."""
        self.is_asked = True

    def met(self) -> None:
        """Note that the scenario has found it ended."""
        self.is_met = True

    def announces(self) -> None:
        """Note that its end is a step that is being taken."""
        self.announced = True

    def fails(self, name: str, error: BaseException) -> None:
        """Note what has ended its target."""
        self.failure = (name, error)

    def strike(self) -> None:
        """Let the system end it at once, if it has not ended, also while somebody waits for that."""
        if self.pid and not self._has_died:
            with contextlib.suppress(ProcessLookupError):
                real.kill(self.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End it at once, if it has not ended, and wait until it has."""
        self.strike()
        if self.pid:
            self.over()

    def untie(self) -> None:
        """Leave the run that is over: what is tied to it in a circle would keep the pipes of its processes open."""
        self.tasks.clear()
        if self.process is not None:
            vars(self.process).pop("_concurrency_kin", None)

    def over(self) -> None:
        """Note that nothing of it will come any more, and how it ended; whoever comes second waits for that, too."""
        with self._ending:
            if not self.is_over:
                self.is_over = True
                self.link.close()
                if self.pid:
                    self._dies()
                self._has_died = True
                popen = getattr(self.process, "_popen", None)
                if popen is not None:
                    self.status = popen.wait()

    def _dies(self) -> None:
        """Wait until it has ended; kill what lives on without its line, as nobody could say what it does."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:  # somebody has waited for it
            return
        try:
            asked = select.poll()
            asked.register(handle, select.POLLIN)
            if not asked.poll(DIES_WITHIN * 1000):
                real.kill(self.pid, signal.SIGKILL)
        finally:
            os.close(handle)

    @property
    def end(self) -> str:
        """How it ended, in words."""
        if self.status is None:
            return "nobody knows how"
        return how_it_ended(self.status).replace("was ended by", "killed by").replace("ended with ", "")
