"""What happens before what: vector clocks over the operations of one run, and accesses that nothing orders.

After Lamport, "Time, Clocks, and the Ordering of Events" (1978), and Flanagan and Freund, "FastTrack:
Efficient and Precise Dynamic Race Detection" (2009). Of every task only its last read and its last
write of a place are kept: where an earlier one is unordered with an access, so is the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core.operations import WRITE

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

WHOLE: Final = object()
"""The item that stands for all items of a container."""


class Clocks:
    """How far each task knows that the others have come.

    Tasks are numbers from 0 in the order of their start; things are whatever tasks meet at: locks,
    queues.
    """

    def __init__(self) -> None:
        self._tasks: list[dict[int, int]] = []
        self._things: dict[Hashable, dict[int, int]] = {}

    def begin(self, parent: int | None) -> None:
        """Begin the next task; it knows what its parent has done so far."""
        number = len(self._tasks)
        known = {} if parent is None else dict(self._tasks[parent])
        self._tasks.append(known)
        known[number] = 1
        if parent is not None:
            self._tasks[parent][parent] += 1

    def give(self, task: int, thing: Hashable) -> None:
        """Leave at a thing what a task knows, as who releases a lock does."""
        _learn(self._things.setdefault(thing, {}), self._tasks[task])
        self._tasks[task][task] += 1

    def take(self, task: int, thing: Hashable) -> None:
        """Learn what was left at a thing, as who acquires a lock does."""
        _learn(self._tasks[task], self._things.get(thing, {}))

    def join(self, task: int, other: int) -> None:
        """Learn all that a task knew which has ended."""
        _learn(self._tasks[task], self._tasks[other])

    def now(self, task: int) -> int:
        """Return how far a task has come by itself."""
        return self._tasks[task][task]

    def knows(self, task: int, other: int, when: int) -> bool:
        """Tell whether what another task did at its `when` happened before what the task does now."""
        return self._tasks[task].get(other, 0) >= when


def _learn(known: dict[int, int], more: dict[int, int]) -> None:
    for task, when in more.items():
        if when > known.get(task, 0):
            known[task] = when


@dataclass(slots=True, eq=False)  # not frozen: there are many, and that would make each three times as slow
class Access:
    """One access as it happened.

    Attributes:
        task: Who.
        when: How far its task had come.
        mode: READ or WRITE.
        site: Where in the source: equal for equal places.
        held: What its task held.
    """

    task: int
    when: int
    mode: int
    site: Hashable
    held: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two accesses, one a write, that nothing orders."""

    first: Access
    second: Access


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A task that read and then wrote, and another whose write nothing keeps out of between.

    Attributes:
        read: What the task read, and then
        write: overwrote.
        other: The other's write.
        between: Whether it did come between in this run, so that it was lost.
    """

    read: Access
    write: Access
    other: Access
    between: bool


@dataclass(slots=True)
class _Item:
    """The last accesses to a place, by task."""

    reads: dict[int, Access] = field(default_factory=dict)
    writes: dict[int, Access] = field(default_factory=dict)
    updates: dict[int, tuple[Access, Access]] = field(default_factory=dict)  # (read, write)
    open: dict[int, Access] = field(default_factory=dict)  # reads that no own write has followed
    passed: dict[int, list[_Beside]] = field(default_factory=dict)


@dataclass(slots=True)
class _Beside:
    """Another task's write beside an open read."""

    write: Access
    loose: bool  # nothing orders it and the read
    between: bool  # it came after the read


class Detector:
    """Looks at the accesses of one run, in the order in which they happen.

    Attributes:
        clocks: Told of every synchronisation.
        pairs: What nothing orders, by the two sites.
        overtaken: Reads and writes of one task that another's write may come between, by the sites.
    """

    def __init__(self) -> None:
        self.clocks = Clocks()
        self.pairs: dict[tuple[Hashable, Hashable], Pair] = {}
        self.overtaken: dict[tuple[Hashable, Hashable, Hashable], Overtaken] = {}
        self._places: dict[Hashable, dict[Hashable, _Item]] = {}

    def access(
        self, task: int, place: Hashable, mode: int, site: Hashable, held: tuple[Any, ...], item: Hashable = None
    ) -> list[Overtaken]:
        """Look at an access that happens now.

        Args:
            task: Who.
            place: What: an attribute, a variable, a container.
            mode: READ or WRITE.
            site: Where in the source.
            held: What the task holds.
            item: Which item of a container, `WHOLE` for any of them.

        Returns:
            What this write has made known to be overtaken: it is certain only if the two accesses
            are of one and the same item.
        """
        access = Access(task, self.clocks.now(task), mode, site, held)
        items = self._places.setdefault(place, {})
        mine = items.get(item)
        if mine is None:
            mine = items[item] = _Item()
        for name, other in items.items():
            if name is item or name == item or item is WHOLE or name is WHOLE:
                self._compare(access, other)
        if item is not WHOLE:
            return self._follow(access, mine)
        (mine.writes if mode == WRITE else mine.reads)[task] = access
        return []

    def _compare(self, access: Access, item: _Item) -> None:
        for other in self._unordered(access, item.writes):
            self.pairs.setdefault((other.site, access.site), Pair(other, access))
        if access.mode == WRITE:
            for other in self._unordered(access, item.reads):
                self.pairs.setdefault((other.site, access.site), Pair(other, access))

    def _unordered(self, access: Access, others: dict[int, Access]) -> Iterator[Access]:
        for task, other in others.items():
            if task != access.task and not self.clocks.knows(access.task, task, other.when):
                yield other

    def _follow(self, access: Access, item: _Item) -> list[Overtaken]:
        """Find updates that this access completes or may come between."""
        task = access.task
        if access.mode != WRITE:
            beside = [_Beside(other, loose=True, between=False) for other in self._unordered(access, item.writes)]
            item.passed[task] = beside
            item.open[task] = item.reads[task] = access
            return []
        found = []
        read = item.open.pop(task, None)
        if read is not None:
            found += [
                Overtaken(read, access, each.write, each.between)
                for each in item.passed.pop(task, ())
                if each.loose or not self.clocks.knows(task, each.write.task, each.write.when)
            ]
        for other, (earlier, written) in item.updates.items():
            if other != task and not self.clocks.knows(task, other, written.when):
                found.append(Overtaken(earlier, written, access, between=False))
        for other, opened in item.open.items():
            loose = not self.clocks.knows(task, other, opened.when)
            item.passed.setdefault(other, []).append(_Beside(access, loose, between=True))
        if read is not None:
            item.updates[task] = (read, access)
        else:
            item.updates.pop(task, None)
        item.writes[task] = access
        for overtaken in found:
            key = (overtaken.read.site, overtaken.write.site, overtaken.other.site)
            if overtaken.between or key not in self.overtaken:
                self.overtaken[key] = overtaken
        return found
