"""Depth-first search over all schedules within a bound on preemptions.

A preemption is a switch away from a task that could have gone on. Small bounds find most bugs
(Musuvathi and Qadeer, PLDI 2007); without a bound the search is a proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.errors import NotDeterministicError
from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_concurrency._core.operations import Operation


class _Node:
    """One decision of the current path: what could be chosen and how far we are."""

    __slots__ = ("at", "current", "options", "spent")

    def __init__(self, options: tuple[int, ...], current: int | None, spent: int) -> None:
        self.options = options
        self.current = current
        self.spent = spent  # preemptions before this decision
        self.at = 0

    def again(self) -> _Node:
        """Return the same decision of a later run."""
        node = _Node(self.options, self.current, self.spent)
        node.at = self.at
        return node

    @property
    def chosen(self) -> int:
        return self.options[self.at]

    @property
    def cost(self) -> int:
        """Preemptions that the present choice adds."""
        return int(self.current is not None and self.chosen != self.current)


class Dfs(Strategy):
    """Try every schedule with at most `preemptions` preemptions (None: every schedule)."""

    name = "dfs"
    exhaustive = True

    def __init__(self, preemptions: int | None = None) -> None:
        self.preemptions = preemptions
        self._path: list[_Node] = []
        self._depth = 0
        self._kept = 0  # so many decisions at the beginning stay as they are
        self._fresh = True

    def start_run(self) -> bool:
        self._depth = 0
        if self._fresh:
            self._fresh = False
            return True
        return self._backtrack()

    def _backtrack(self) -> bool:
        path = self._path
        while len(path) > self._kept:
            node = path[-1]
            node.at += 1
            if node.at < len(node.options) and self._allowed(node):
                return True
            path.pop()
        return False

    def _allowed(self, node: _Node) -> bool:
        return self.preemptions is None or node.spent + node.cost <= self.preemptions

    def choose(self, runnable: Sequence[int], current: int | None, pending: Mapping[int, Operation]) -> int:
        first = runnable[0] if current is None else current
        options = (first, *[task for task in runnable if task != first])
        return self._decide(options, current)

    def pick(self, options: int) -> int:
        return self._decide(tuple(range(options)), None)

    def _decide(self, options: tuple[int, ...], current: int | None) -> int:
        path, depth = self._path, self._depth
        self._depth = depth + 1
        if depth < len(path):
            node = path[depth]
            if node.options != options:
                raise NotDeterministicError
            return node.chosen
        spent = path[-1].spent + path[-1].cost if path else 0
        path.append(_Node(options, current, spent))
        return options[0]

    def end_run(self, *, cut: bool) -> None:
        if self._depth < len(self._path) and not cut:
            raise NotDeterministicError

    def widened(self) -> None:
        self._path.clear()
        self._fresh = True

    def describe(self) -> str:
        bound = "any number of" if self.preemptions is None else f"at most {self.preemptions}"
        return f"every schedule with {bound} preemption{'' if self.preemptions == 1 else 's'}"
