"""Where an exhaustive search is cut into parts that several processes try, each without knowing of the others.

The border lies below so many choices between several tasks that enough ways lead over it. Every part goes all these
ways down to the border, in the same order, and keeps its own: those whose number leaves its own when divided by the
number of parts. So the parts are disjoint, and nothing is left out, as long as all of them have met the same ways;
the digest says whether they have. Then each part tries what lies behind its own ways.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from pytest_concurrency._core.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAIN: Final = 50
"""What a search without a border ends in so many runs, each part does alone."""
EACH: Final = 4
LEAST: Final = 64
"""So many ways over the border for each part, and in all: what lies behind them is not equally large."""
COSTS: Final = 4
"""To find a border may take so many runs for each of the ways that are wanted."""


class Part(NamedTuple):
    """One of the disjoint parts of a search.

    Attributes:
        number: Which one, from 0.
        of: How many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number + 1}/{self.of}"


class Border:
    """The border, as one part knows it; a search looks for it in rounds.

    Attributes:
        level: Below so many choices it lies; 0 while there is none.
        is_found: Whether it is where it is to be.
    """

    def __init__(self, part: Part) -> None:
        """Begin without one."""
        self.level = 0
        self.is_found = False
        self._part = part
        self._wanted = max(EACH * part.of, LEAST)
        self._runs = 0
        self._begin()

    def _begin(self) -> None:
        self._ways = 0
        self._crossings = 0
        self._digest = 0

    def forget(self) -> None:
        """Look for it anew: the search begins again, with other steps."""
        self.level, self.is_found, self._runs = min(self.level, 1), False, 0
        self._begin()

    def begins(self) -> bool:
        """Count a run that is about to begin; answer whether it belongs to the present round."""
        self._runs += 1
        return self.level > 0 or self._runs <= PLAIN

    def is_mine(self, steps: Iterable[object], *, crosses: bool) -> bool:
        """Tell whether the next way is this part's.

        Args:
            steps: What makes the way what it is, equal in every process.
            crosses: Whether it leads over the border, and does not end before it.
        """
        number = self._ways
        self._ways += 1
        self._crossings += crosses
        self._digest = zlib.crc32(repr(tuple(steps)).encode(), self._digest)
        return number % self._part.of == self._part.number

    def settles(self) -> bool:
        """Tell, when all ways were gone, whether the border is where it is to be."""
        is_enough = self._crossings >= self._wanted or self._runs >= COSTS * self._wanted
        self.is_found = is_enough or not self._crossings
        return self.is_found

    def deepen(self) -> None:
        """Begin another round, with the border below one more choice."""
        if not self.level:
            self._runs = 0
        self.level += 1
        self._begin()

    @property
    def digest(self) -> str:
        """What is equal in parts that have met the same ways."""
        return f"{self.level}.{self._ways}.{self._digest:08x}"


class AcrossBorder(Strategy):
    """What a part does at the start of a run, before the search that it is a part of.

    Attributes:
        is_elsewhere: Whether the last run was ended at the border.
    """

    is_elsewhere: bool
    _border: Border

    @property
    def met(self) -> str:
        return self._border.digest

    def start_run(self) -> bool:
        self.is_elsewhere = False
        border = self._border
        if border.is_found:
            return super().start_run() or self._next_way()
        if border.begins():
            if super().start_run():
                return True
            if not border.level:
                return False
            if border.settles():
                return self._next_way()
        border.deepen()
        self._anew()
        return super().start_run()

    def _next_way(self) -> bool:
        """Go the next of the own ways, and try what lies behind it; False where there is none."""
        raise NotImplementedError

    def _anew(self) -> None:
        """Begin the search again."""
        raise NotImplementedError
