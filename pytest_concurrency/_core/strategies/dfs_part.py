"""A part of the depth-first search: what lies behind its share of the ways over a border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.strategies.border import AcrossBorder, Border, Part
from pytest_concurrency._core.strategies.dfs import Dfs, _Node
from pytest_concurrency._core.strategy import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator


class DfsPart(AcrossBorder, Dfs):
    """Try every schedule of a part with at most so many preemptions."""

    def __init__(self, part: Part, preemptions: int | None = None) -> None:
        super().__init__(preemptions)
        self.is_elsewhere = False
        self._border = Border(part)
        self._mine: list[list[_Node]] = []  # ways over the border

    def _next_way(self) -> bool:
        """Go the next of the own ways, and try what lies behind it."""
        if not self._mine:
            return False
        self._path = self._mine.pop(0)
        self._depth, self._kept = 0, len(self._path)
        return True

    def _anew(self) -> None:
        super().widened()
        self._kept = 0
        self._mine.clear()

    def end_run(self, *, cut: bool) -> None:
        if self.is_elsewhere:
            return
        super().end_run(cut=cut)
        if not cut and len(self._path) <= self._border.level:
            self._border.is_mine(self._way(), crosses=False)

    def widened(self) -> None:
        self._anew()
        self._border.forget()

    def _decide(self, options: tuple[int, ...], current: int | None) -> int:
        level = self._border.level
        if level and level == self._depth == len(self._path) and not self._border.is_found:
            if self._border.is_mine(self._way(), crosses=True):
                self._mine.append([node.again() for node in self._path])
            self.is_elsewhere = True
            raise Elsewhere
        return super()._decide(options, current)

    def _way(self) -> Iterator[object]:
        for node in self._path:
            yield node.chosen, node.options
