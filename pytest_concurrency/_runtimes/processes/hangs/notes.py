"""What children write down for the process that runs the tests: how their threads wait, and who has taken a lock."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import weakref
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.telling.causes import AT_ITS_END
from pytest_concurrency._core.telling.report import Place, TaskState, Waiting
from pytest_concurrency._hangs import telling
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._runtimes.processes.hangs.frames import feeds_nothing, is_in_users_code, who
from pytest_concurrency._runtimes.processes.hangs.slots import Slots, slots, started

if TYPE_CHECKING:
    from pytest_concurrency._hangs.book import Wait

_serials: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Note:
    """How a thread of a forked process waits.

    Attributes:
        serial: Another number for each wait.
        is_idle: Whether it waits for others to come to it, and is not stuck.
        is_sliced: Whether the system sees it moving although it waits without a limit.
        state: In words.
    """

    serial: int
    is_idle: bool
    is_sliced: bool
    state: TaskState


class Notes:
    """What is written into the slots, and what is known beside that.

    Attributes:
        owner: The process that runs the tests.
        slots: The memory.
    """

    def __init__(self, memory: Slots) -> None:
        self.owner = os.getpid()
        self.slots = memory
        self._noted: set[int] = set()  # threads: what such a one waits in may itself consist of waits
        self._killed: set[int] = set()
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def knows(self, target: Any) -> None:
        """Note a semaphore of this process, which others may have that write nothing down."""
        self._known.add(target)

    def known(self) -> list[Any]:
        """Return the semaphores that this process has."""
        return list(self._known)

    def kills(self, pid: int) -> None:
        """Note that a process ends because of a verdict."""
        self._killed.add(pid)

    def was_killed(self, pid: int) -> bool:
        """Tell whether a process has ended because of a verdict."""
        return pid in self._killed

    def share(self) -> None:
        """Have memory in common with children that are started later."""
        if not self.is_elsewhere:
            self.slots.make()

    def belongs_to(self, owner: int) -> None:
        """Write for another process, in one that has not been forked."""
        self.owner = owner

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is a process that another one has started."""
        return os.getpid() != self.owner

    # -- waits

    def note(self, wait: Wait, *, is_sliced: bool = True) -> None:
        """Note how the calling thread waits, if this is another's child and it has not yet."""
        if wait.is_noted or wait.native in self._noted or not self.is_elsewhere:
            return
        wait.noted()
        self._noted.add(wait.native)
        watch = waits.watch
        if watch is not None:
            for state in telling.wait_states(waits, [wait], watch):
                told = replace(state, name=who(), stack=())
                if not is_in_users_code(sys._getframe(), watch):
                    told = replace(told, place=None, inside=None)
                    if wait.ident.runs_the_tests:
                        told = replace(told, waiting=_at_the_end(told.waiting))
                self._stands(told, is_idle=wait.idle or feeds_nothing(sys._getframe()), is_sliced=is_sliced)

    def forget(self, wait: Wait) -> None:
        """Note that the calling thread waits no more."""
        if wait.is_noted:
            self._noted.discard(wait.native)
            self.slots.moves(wait.native)

    def serves(self) -> None:
        """Note that the calling thread is one that others come to, until the end."""
        self._stands(TaskState(who(), "serves"), is_idle=True, is_sliced=True)

    def _stands(self, state: TaskState, *, is_idle: bool, is_sliced: bool) -> None:
        note = {"idle": is_idle, "sliced": is_sliced, "state": asdict(state)}
        tid = threading.get_native_id()
        self.slots.stands(tid, next(_serials), json.dumps(note), started(os.getpid(), tid))

    def of(self, pid: int, tid: int) -> Note | None:
        """Return how a thread of another process waits, if it has noted that."""
        found = self.slots.of(pid, tid)
        if found is None or found[1] != started(pid, tid):
            return None
        text, _, serial = found
        try:
            note = json.loads(text)
        except ValueError:
            return None
        return Note(serial, note["idle"], note["sliced"], _state(note["state"]))


def _at_the_end(waiting: Waiting | None) -> Waiting | None:
    """Say that a process waits in no call of the user's any more."""
    return None if waiting is None else replace(waiting, action=AT_ITS_END)


def _state(told: dict[str, Any]) -> TaskState:
    """Read a state as `asdict` has written it."""
    waiting = told["waiting"]
    if waiting is not None:
        waiting = Waiting(
            waiting["action"],
            waiting["target"],
            _place(waiting["made"]),
            tuple(waiting["holders"]),
            _place(waiting["taken"]),
        )
    return TaskState(told["name"], told["state"], _place(told["place"]), waiting, (), _place(told["inside"]))


def _place(told: dict[str, Any] | None) -> Place | None:
    return None if told is None else Place(**told)


notes: Final = Notes(slots)
