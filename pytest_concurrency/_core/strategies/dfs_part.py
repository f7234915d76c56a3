"""A part of the depth-first search: what lies behind its share of the ways over a border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.strategies.border import Border, Part
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategy import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator


class DfsPart(Dfs):
    """Try every schedule of a part with at most so many preemptions.

    Attributes:
        is_elsewhere: Whether the last run was ended because what follows belongs to another part.
    """

    def __init__(self, part: Part, preemptions: int | None = None) -> None:
        super().__init__(preemptions)
        self.is_elsewhere = False
        self._border = Border(part)

    @property
    def met(self) -> str:
        return self._border.digest

    def start_run(self) -> bool:
        self.is_elsewhere = False
        if self._border.begins():
            if super().start_run():
                return True
            if not self._border.level or not self._border.goes_on():
                return False
        else:
            self._border.goes_on()
        super().widened()
        return super().start_run()

    def end_run(self, *, cut: bool) -> None:
        if self.is_elsewhere:
            return
        super().end_run(cut=cut)
        if not cut and len(self._path) <= self._border.level:
            self._border.takes(self._way(), crosses=False)

    def widened(self) -> None:
        super().widened()
        self._border.forget()

    def _decide(self, options: tuple[int, ...], current: int | None) -> int:
        level = self._border.level
        if level and level == self._depth == len(self._path):
            self.is_elsewhere = not self._border.takes(self._way(), crosses=True)
            if self.is_elsewhere:
                raise Elsewhere
        return super()._decide(options, current)

    def _way(self) -> Iterator[object]:
        for node in self._path:
            yield node.chosen, node.options
