"""Orders in which threads take locks -> inversions that could have become deadlocks.

After Havelund, "Using Runtime Analysis to Guide Model Checking of Java Programs" (2000), and
Agarwal, Wang and Stoller, "Detecting Potential Deadlocks with Static Analysis and Run-Time
Monitoring" (2005): a cycle of orders counts if its orders come from different threads and no lock
was held in two of them (a gate lock, which keeps the threads from meeting). We depart from them in
that orders are kept by lock class, the line that makes a lock, as the Linux kernel's lockdep does;
only among the locks of one class they are kept lock by lock.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

MAX_WITNESSES: Final = 16  # for one order; more of them rarely show anything new
MAX_INVERSIONS: Final = 100
MAX_STEPS: Final = 100_000  # of one search

Class = Hashable  # what makes locks alike
Node = tuple[Class, int]  # a class as a whole has the number 0


@dataclass(frozen=True, slots=True)
class Held:
    """A lock in somebody's hand.

    Attributes:
        number: Tells the lock from all others, from 1.
        kind: Its class.
        place: Where it was taken.
    """

    number: int
    kind: Class
    place: Hashable


@dataclass(frozen=True, slots=True)
class Witness:
    """One thread that took `second` while it held `first`, and whatever else it held."""

    thread: Hashable
    first: Held
    second: Held
    gates: frozenset[int]


class LockOrder:
    """The orders seen so far."""

    def __init__(self) -> None:
        self._orders: dict[Node, dict[Node, dict[tuple[Hashable, frozenset[int]], Witness]]] = {}

    def took(self, thread: Hashable, held: list[Held], taken: Held) -> None:
        """Note that a thread takes a lock while it holds others."""
        numbers = frozenset(each.number for each in held)
        for first in held:
            alike = first.kind == taken.kind
            source, target = ((each.kind, each.number if alike else 0) for each in (first, taken))
            if source == target:
                continue
            known = self._orders.setdefault(source, {}).setdefault(target, {})
            gates = numbers - {first.number}
            if len(known) < MAX_WITNESSES:
                known.setdefault((thread, gates), Witness(thread, first, taken, gates))

    def inversions(self) -> list[tuple[Witness, ...]]:
        """Return each cycle of orders that could have become a deadlock, the shortest first."""
        found = []
        for nodes in self._cycles():
            pairs = list(zip(nodes, [*nodes[1:], nodes[0]], strict=True))
            chosen = _choose([list(self._orders[a][b].values()) for a, b in pairs], ())
            if chosen:
                found.append(chosen)
        return sorted(found, key=len)

    def _cycles(self) -> Iterator[list[Node]]:
        """Yield simple cycles, each once: from the node that was seen first, and back to it."""
        rank = {node: number for number, node in enumerate(self._orders)}
        steps = found = 0
        for start in self._orders:
            ways = [[start]]
            while ways:
                way = ways.pop(0)
                steps += 1
                if steps > MAX_STEPS:
                    return
                for node in self._orders.get(way[-1], ()):
                    if node == start:
                        found += 1
                        yield way
                        if found >= MAX_INVERSIONS:
                            return
                    elif rank.get(node, -1) > rank[start] and node not in way:
                        ways.append([*way, node])


def _choose(options: list[list[Witness]], chosen: tuple[Witness, ...]) -> tuple[Witness, ...]:
    """Choose a witness for each order, so that they could have met; () where none could."""
    if len(chosen) == len(options):
        return chosen
    for witness in options[len(chosen)]:
        if all(witness.thread != other.thread and not witness.gates & other.gates for other in chosen):
            whole = _choose(options, (*chosen, witness))
            if whole:
                return whole
    return ()
