"""A part of the search with dynamic partial order reduction.

Which orders are to be tried at a step is found by the reduction in the runs that begin with that step, and of these a
part makes only its own. So above the border nothing is left to it: every task that could go is tried there, whatever
the parts find. Two savings do not depend on what lies below, and are sound for all parts together: who sleeps is known
from the operations alone, without the runs of the others, and a step that touches nothing needs no alternative. Below
the border a part reduces as ever; what it would add above is there already: `leaks` says if it ever was not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.operations import TIME, Operation
from pytest_concurrency._core.strategies.border import AcrossBorder, Border, Part
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategy import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_concurrency._core.strategies.dpor_node import Node


class DporPart(AcrossBorder, Dpor):
    """Try one schedule of every class of equivalent ones that belongs to a part."""

    def __init__(self, part: Part, *, exact: bool) -> None:
        """Search one part; `exact` where no step can see the time pass (see `clock`)."""
        super().__init__()
        self.learns = False  # what lies above the border is to be known before
        self.leaks = self.is_elsewhere = False
        self._border = Border(part)
        self._exact = exact
        self._levels: list[int] = []  # of each node: how many choices between several tasks there are down to it
        self._mine: list[tuple[list[Node], list[int]]] = []  # ways over the border, with the level of each step

    # -- runs

    def _next_way(self) -> bool:
        """Go the next of the own ways, and try what lies behind it."""
        if not self._mine:
            return False
        self._nodes, self._levels = self._mine.pop(0)
        self._kept = len(self._nodes)
        self._by_key.clear()
        self._unknown.clear()
        self._begin()
        return True

    def _anew(self) -> None:
        super().widened()
        self._kept = 0
        self._levels = []
        self._mine.clear()

    def end_run(self, *, cut: bool) -> None:
        if self.is_elsewhere:
            return
        super().end_run(cut=cut)
        if not (cut or self._cut) and self._level(len(self._nodes)) <= self._border.level:
            self.completed -= not self._border.is_mine(self._way(), crosses=False)

    def widened(self) -> None:
        self._anew()
        self._border.forget()

    # -- steps

    def _level(self, depth: int) -> int:
        return self._levels[depth - 1] if depth else 0

    def _extend(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> Node:
        depth = len(self._nodes)
        del self._levels[depth:]
        level, border = self._level(depth), self._border.level
        if border and level == border and not self._border.is_found:
            if self._border.is_mine(self._way(), crosses=True):
                self._mine.append(([node.again() for node in self._nodes], [*self._levels]))
            self.is_elsewhere = self._cut = True
            raise Elsewhere
        node = super()._extend(runnable, current, pending)
        if border and level < border:
            level += self._try_all(node, pending)
        elif border and level == border:
            level += 1  # below it
        self._levels.append(level)
        return node

    def _try_all(self, node: Node, pending: Mapping[int, Operation]) -> bool:
        """Let all who do not sleep be tried at a step; tell whether they are several."""
        awake = [task for task in node.runnable if task not in node.sleep]
        is_seen = self._exact and all(pending[task][1] is not None for task in node.runnable)
        for task in awake if is_seen and TIME not in node.runnable else ():
            if pending[task][1] == ():
                node.only(task, pending[task])
                return False
        node.backtrack.update(awake)
        return len(awake) > 1

    def _way(self) -> Iterator[object]:
        """Yield what leads to the present step."""
        for node in self._nodes:
            modes = None if node.op[1] is None else [mode for _, mode in node.op[1]]
            yield node.task, node.runnable, node.op[0], modes, node.picks

    def _reverse(self, at: int, index: int, task: int, mine: int, before: int) -> None:
        tried = self._nodes[at].backtrack
        count = len(tried)
        super()._reverse(at, index, task, mine, before)
        if len(tried) > count and self._border.level and self._levels[at] <= self._border.level:
            self.leaks = True
