"""Who waits for whom: the cycles among tasks that wait for each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def cycle_through(edges: Mapping[Node, Iterable[Node]], start: Node) -> list[Node]:
    """Return the shortest way from `start` back to itself, or [] where there is none.

    `edges` maps each waiting task to those that it waits for; a task that is no key does not
    wait. The result names each task once, `start` first.
    """
    came_from: dict[Node, Node] = {}
    level = [start]
    while level:
        following: list[Node] = []
        for node in level:
            for other in edges.get(node, ()):
                if other == start:
                    return _way(came_from, start, node)
                if other not in came_from:
                    came_from[other] = node
                    following.append(other)
        level = following
    return []


def _way(came_from: Mapping[Node, Node], start: Node, last: Node) -> list[Node]:
    way = [last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def find_cycle(edges: Mapping[Node, Iterable[Node]]) -> list[Node]:
    """Return some cycle, from the first task in `edges` that is on one, or []."""
    for start in edges:
        found = cycle_through(edges, start)
        if found:
            return found
    return []
