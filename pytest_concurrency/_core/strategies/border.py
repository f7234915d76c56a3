"""Where an exhaustive search is cut into parts that several processes try, each without knowing of the others.

The border lies below so many choices between several tasks that enough ways lead over it. Every part goes all these
ways down to the border, in the same order, and takes its own: those whose number leaves its own when divided by the
number of parts. So the parts are disjoint, and nothing is left out, as long as all of them have met the same ways;
the digest says whether they have.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAIN: Final = 50
"""What a search without a border ends in so many runs, each part does alone."""
ENOUGH: Final = 16
"""So many ways over the border for each part: what lies behind them is not equally large."""
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
    """The border, as one part knows it; a search of several rounds looks for it, and the last round goes behind.

    Attributes:
        level: Below so many choices it lies; 0 while there is none.
        deals: Whether it is found, so that this round tries what lies behind it.
    """

    def __init__(self, part: Part) -> None:
        """Begin without one."""
        self.level = 0
        self.deals = False
        self._part = part
        self._runs = 0
        self._begin()

    def _begin(self) -> None:
        self._ways = 0
        self._crossings = 0
        self._digest = 0

    def forget(self) -> None:
        """Look for it anew: the search begins again, with other steps."""
        self.level, self.deals, self._runs = min(self.level, 1), False, 0
        self._begin()

    def begins(self) -> bool:
        """Count a run that is about to begin; answer whether it belongs to the present round."""
        self._runs += 1
        return self.level > 0 or self._runs <= PLAIN

    def takes(self, steps: Iterable[object], *, crosses: bool) -> bool:
        """Take the next way into account; answer whether this part is to try what lies behind it.

        A way that ends before the border has nothing behind it: then the answer is whether it counts as this part's.

        Args:
            steps: What makes the way what it is, equal in every process.
            crosses: Whether it leads over the border.
        """
        number = self._ways
        self._ways += 1
        self._crossings += crosses
        self._digest = zlib.crc32(repr(tuple(steps)).encode(), self._digest)
        return (self.deals or not crosses) and number % self._part.of == self._part.number

    def goes_on(self) -> bool:
        """Tell, when a round is over, whether there is to be another one."""
        if self.level and (self.deals or not self._crossings):
            return False
        wanted = ENOUGH * self._part.of
        if self.level and (self._crossings >= wanted or self._runs >= COSTS * wanted):
            self.deals = True
        else:
            self.level += 1
        self._begin()
        return True

    @property
    def digest(self) -> str:
        """What is equal in parts that have met the same ways."""
        return f"{self.level}.{self._ways}.{self._digest:08x}"
