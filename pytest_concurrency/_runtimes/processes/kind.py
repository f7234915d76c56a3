"""Child processes, as the plugin needs a kind of concurrency."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pytest_concurrency._engine import naming
from pytest_concurrency._hangs.book import waits
from pytest_concurrency._runtimes.joining import is_a
from pytest_concurrency._runtimes.processes.guarding import leavings
from pytest_concurrency._runtimes.processes.guarding.descendants import grandchildren, serves
from pytest_concurrency._runtimes.processes.guarding.leavings import LeftPipe
from pytest_concurrency._runtimes.processes.guarding.notes import CHILD, Notes
from pytest_concurrency._runtimes.processes.guarding.noting import noting
from pytest_concurrency._runtimes.processes.joining import (
    JoinedPool,
    JoinedProcessPool,
    LeftPool,
    children,
    ended_with,
    from_pid,
    from_popen,
    from_process,
    how_it_ended,
)

if TYPE_CHECKING:
    import contextlib

    from pytest_concurrency._core.telling.report import Place, Report, TaskState
    from pytest_concurrency._hangs.book import Outlook
    from pytest_concurrency._runtimes.joining import Joinable, Origins
    from pytest_concurrency._runtimes.processes.guarding.notes import Note
    from pytest_concurrency._sight.watching import Watch


@dataclass(frozen=True, slots=True)
class Since:
    """The children that were there when a test began, and what it and its children have made.

    Attributes:
        origins: Where children are started.
        before: The numbers of those that are none of the test's.
        notes: What was started or made.
        popens: The commands that the test has started.
        workers: The processes of its executors.
        pools: Its pools of multiprocessing.
        pipes: Ends of its pipes, and the lines.
    """

    origins: Origins
    before: set[int]
    notes: Notes
    popens: list[Any] = field(default_factory=list)
    workers: list[Any] = field(default_factory=list)
    pools: list[Any] = field(default_factory=list)
    pipes: WeakKeyDictionary[Any, Place | None] = field(default_factory=WeakKeyDictionary)


class Processes:
    """The kind of `multiprocessing`, `subprocess`, and `os.fork`."""

    name = "processes"
    joins = ("processes",)

    @property
    def outlook(self) -> Outlook | None:
        """Knows of other processes, once somebody could wait for one."""
        return waits.elsewhere

    def joinable(self, thing: Any, watch: Watch, made: Place | None) -> Joinable | None:
        """Wrap a child, or a pool of children."""
        if is_a(thing, "multiprocessing.process", "BaseProcess"):
            return from_process(thing, made)
        if is_a(thing, "subprocess", "Popen"):
            return from_popen(thing, made)
        if is_a(thing, "multiprocessing.pool", "Pool"):
            return JoinedPool(thing, made)
        if is_a(thing, "concurrent.futures.process", "ProcessPoolExecutor"):
            return JoinedProcessPool(thing, *naming.describe(thing))
        return None

    def since(self, origins: Origins) -> Since:
        """Note which children there are."""
        return Since(origins, children(), Notes(origins))

    def noting(self, since: Since) -> contextlib.AbstractContextManager[None]:
        """Note where children are started and other things made, and let orphans be found."""
        return noting(since)

    def errors(self, since: Since) -> list[BaseException]:
        """Return nothing: how a child has ended is told to whoever joins it."""
        return []

    def notes(self, error: BaseException, since: Since) -> list[str]:
        """Return why a pool of processes is broken."""
        if not is_a(error, "concurrent.futures.process", "BrokenProcessPool"):
            return []
        if error.__cause__ is not None:
            reason = str(error.__cause__).strip().strip("'").strip().splitlines()
            return [f"no process has died: {reason[-1]}"] if reason else []
        statuses = {each.name: ended_with(each) for each in since.workers}
        struck = {name: status for name, status in statuses.items() if status not in (None, 0, -signal.SIGTERM)}
        return [f"process {name} {how_it_ended(status)}" for name, status in struck.items()]

    def left_behind(self, since: Since) -> list[Joinable]:
        """Return what the test has left, with what is known of each."""
        pools = [LeftPool(each, since.origins.of(each)) for each in since.pools if each._worker_handler.is_alive()]
        in_pools = {part for pool in pools for part in pool.parts}
        found: list[Joinable] = list(pools)
        known = set()
        multiprocessing: Any = sys.modules.get("multiprocessing.process")
        for child in multiprocessing.active_children() if multiprocessing is not None else ():
            known.add(child.pid)
            if child.pid not in since.before and child not in in_pools:
                found.append(from_process(child, since.origins.of(child)))
        for popen in since.popens:
            pid = getattr(popen, "pid", None)
            if pid is not None and popen.poll() is None:
                known.add(pid)
                found.append(from_popen(popen, since.origins.of(popen)))
        notes = since.notes.read()
        ends = [LeftPipe(end, since.pipes.get(end)) for end in leavings.pipes(since.pipes)]
        return [*found, *_unknown(since, known, notes), *leavings.names(notes), *ends]

    def bystanders(self, since: Since) -> list[TaskState]:
        """Return nobody: a child holds nothing for which somebody in this process waits."""
        return []

    def explains(self, error: BaseException, watch: Watch) -> Report | None:
        """Return nothing: a verdict is told where it is given."""
        return None


def _unknown(since: Since, known: set[int], notes: list[Note]) -> list[Joinable]:
    """Return the children, and their children, that no object of this process knows."""
    direct = children()
    new = sorted((direct | known) - since.before)
    if not new:
        return []
    by_number = {int(note.name): note for note in notes if note.what == CHILD and note.name.isdigit()}
    ours = (each for each in sorted(direct - since.before) if each in by_number or not serves(each))
    rest = [*ours, *grandchildren(new, by_number)]
    found: list[Joinable] = []
    for pid in dict.fromkeys(each for each in rest if each not in known):
        note = by_number.get(pid)
        found.append(from_pid(pid) if note is None else from_pid(pid, note.called, note.place))
    return found
