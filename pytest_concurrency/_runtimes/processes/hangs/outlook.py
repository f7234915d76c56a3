"""Whether any process below this one could still act, or anybody outside who has what it waits for.

The answer "nobody" is given only when it is known: each thread of each process waits without a limit, as the system
says or as it has noted itself, none has moved since, and no stranger has the other end of a pipe or the same semaphore.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from pytest_concurrency._core.telling.report import TaskState, Waiting
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._machine import real
from pytest_concurrency._runtimes.processes.hangs import strangers, system
from pytest_concurrency._runtimes.processes.hangs.frames import feeds_nothing, serves
from pytest_concurrency._runtimes.processes.hangs.notes import notes
from pytest_concurrency._runtimes.processes.joining import command, command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_concurrency._core.telling.report import Report
    from pytest_concurrency._hangs.book import Wait, Waits
    from pytest_concurrency._runtimes.processes.hangs.notes import Note
    from pytest_concurrency._runtimes.processes.hangs.system import Awaited, Stand
    from pytest_concurrency._runtimes.processes.hangs.targets import Target


class ProcessesOutlook:
    """Knows of the processes below the one that runs the tests."""

    def note(self, wait: Wait) -> None:
        """Write down that the calling thread waits, if it is in a forked process."""
        notes.note(wait)

    def forget(self, wait: Wait) -> None:
        """Write down that it waits no more."""
        notes.forget(wait)

    def picture(self, book: Waits, looker: Wait) -> tuple[Any, ...] | None:
        """Return how every thread of every process waits if all seem to wait for ever, else None."""
        if not _targets(book):
            return ()
        if notes.is_elsewhere:
            return None
        seen: list[Any] = []
        for stand, note, awaited in self._threads():
            if stand is None or (note is None and awaited is None):
                return None
            seen.append((stand.pid, stand.tid, note.serial) if note is not None and note.is_sliced else stand)
        return tuple(seen)

    def nobody_can_act(self, book: Waits, looker: Wait) -> bool:
        """Tell whether it is certain that the present waits never end."""
        targets = _targets(book)
        if not targets:
            return True
        if _waits_for_a_server(book):
            return False
        ends = [each for target in targets for each in target.ends()]
        mapped = [system.mapped(os.getpid(), each) for target in targets if (each := target.semaphore())]
        ours = [os.getpid(), *system.below(os.getpid())]
        for stand, note, awaited in self._threads():
            if stand is None or stand.goes_on:  # what it waited for has come, though it has had no processor since
                return False
            if awaited is not None and (note is None or not note.is_sliced):
                ends += awaited.ends
                mapped += [awaited.semaphore] if awaited.semaphore else []
        return not ((ends or mapped) and strangers.could_act(ours, ends, mapped))

    def others(self, book: Waits) -> list[TaskState]:
        """Return how the threads of the processes stand that are stuck."""
        if notes.is_elsewhere or not _targets(book):
            return []
        found = list(book.deaths)
        for stand, note, awaited in self._threads():
            if note is not None:
                found += [] if note.is_idle else [note.state]
            elif stand is not None and awaited is not None:
                found.append(TaskState(_name(stand), "waits", waiting=_waiting(awaited)))
        return found

    def rests(self, book: Waits, wait: Wait) -> bool:
        """Tell whether it is a queue's feeder that has nothing to feed, or a pool's own thread."""
        frame = real.current_frames().get(wait.ident)
        return feeds_nothing(frame) or (book.watch is not None and serves(frame, book.watch))

    def end(self, wait: Wait, verdict: Report) -> None:
        """Kill the processes that are stuck, before the first wait ends."""
        if notes.is_elsewhere or not _targets(waits):
            return
        stuck = {
            stand.pid for stand, note, _ in self._threads() if stand is not None and (note is None or not note.is_idle)
        }
        for pid in stuck:
            notes.kills(pid)
            with contextlib.suppress(ProcessLookupError):
                real.kill(pid, signal.SIGKILL)

    def _threads(self) -> Iterator[tuple[Stand | None, Note | None, Awaited | None]]:
        """Yield each thread of each process below: where it is, its note, what it waits for; None, if it hides."""
        for pid in system.below(os.getpid()):
            if system.serves_multiprocessing(pid):
                continue
            stands = system.stands(pid)
            if stands is None or system.hears_signals(pid) or notes.slots.is_armed(pid):
                yield None, None, None
            for stand in stands or ():
                yield stand, notes.of(stand.pid, stand.tid), system.awaited(stand)


def _targets(book: Waits) -> list[Target]:
    """Return what threads of this process wait for at others: where there is nothing, no child matters."""
    return [wait.target for wait in book.now.copy().values() if _is_elsewhere(wait)]


def _waits_for_a_server(book: Waits) -> bool:
    """Tell whether the tests only wait for somebody to connect, or for the end of a thread that does."""
    now = book.now.copy()
    wait = now.get(book.root)
    while wait is not None and isinstance(wait.target, threading.Thread):
        wait = now.get(wait.target.ident or 0)
    return wait is not None and _is_elsewhere(wait) and wait.target.is_accepting


def _is_elsewhere(wait: Wait) -> bool:
    """Tell whether a wait is for other processes, by what it can: a test of plugins may have loaded our files twice."""
    return hasattr(wait.target, "semaphore")


def _waiting(awaited: Awaited) -> Waiting:
    """Say what a process waits for that writes nothing down: for which semaphore, if this one has it too."""
    numbers = awaited.semaphore.split()[-2:]  # who has made it, has it under the name that it had then
    for target in notes.known() if numbers else ():
        if system.mapped(os.getpid(), target.semaphore()).split()[-2:] == numbers:
            kind, _, name = target.title(None).partition(" ")  # the kind of what lies inside a Barrier, for one
            return Waiting(awaited.text, name or kind, target.place())
    return Waiting(awaited.text, "")


def _name(stand: Stand) -> str:
    """Return what a report calls a thread of which nothing but its number is known."""
    module: Any = sys.modules.get("multiprocessing.process")
    known = {child.pid: child.name for child in (() if module is None else module._children)}
    name = known.get(stand.pid) or f"process {command(command_line(stand.pid))}"
    return name if stand.pid == stand.tid else f"{name}, thread {stand.tid}"
