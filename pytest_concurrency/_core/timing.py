"""Samples of time -> what can be said about them, and what cannot."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import total_ordering
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT: Final = "kept"
BROKEN: Final = "broken"
TOO_NOISY: Final = "too noisy to tell"


@dataclass(frozen=True, slots=True)
class Noise:
    """How far the machine was from letting a thread run when it wanted to.

    Attributes:
        late_ns: The longest delay, over what was asked for, that a sleeping thread met meanwhile.
        waited_ns: How long the measured threads stood in line for a CPU; 0 where that is not known.
    """

    late_ns: int = 0
    waited_ns: int = 0

    @property
    def total_ns(self) -> int:
        """What may have been added to the time measured."""
        return self.late_ns + self.waited_ns

    def __str__(self) -> str:
        if self.late_ns:
            return f"a sleep ended {_time(self.late_ns)} late"
        return f"threads stood in line for a CPU for {_time(self.waited_ns)}"


def judge_bounds(took_ns: int, least_ns: float, most_ns: float, noise: Noise) -> str:
    """Tell whether bounds were kept or broken, or whether the noise is too large to tell.

    Noise only ever makes things slower. So less than `least_ns` is broken whatever the noise; more
    than `most_ns` is broken only if it is more even without all of the noise.
    """
    if took_ns < least_ns:
        return BROKEN
    if took_ns <= most_ns:
        return KEPT
    return BROKEN if took_ns - noise.total_ns > most_ns else TOO_NOISY


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Speedup:
    """How many times faster one function is than another: the median of paired ratios.

    Compares with numbers by that median, except that a comparison is true only if it holds for
    the whole spread: `speedup > 2` is false where the machine was too noisy to tell.

    Attributes:
        ratios: slow / fast of each pair, in the order measured.
        low: Lower end of the spread: an order statistic of the ratios, with the median inside the
            spread 19 times out of 20.
        high: Upper end of the spread.
    """

    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the ratios."""
        return statistics.median(self.ratios)

    @property
    def low(self) -> float:
        """The lower end of the spread."""
        return sorted(self.ratios)[_rank(len(self.ratios))]

    @property
    def high(self) -> float:
        """The upper end of the spread."""
        return sorted(self.ratios)[-1 - _rank(len(self.ratios))]

    def __float__(self) -> float:
        return self.median

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Speedup):
            return self.ratios == other.ratios
        return isinstance(other, int | float) and self.low <= other <= self.high

    def __hash__(self) -> int:
        return hash(self.ratios)

    def __lt__(self, other: float | Speedup) -> bool:
        if isinstance(other, Speedup):
            return self.high < other.low
        return self.high < other

    def __gt__(self, other: float | Speedup) -> bool:
        if isinstance(other, Speedup):
            return self.low > other.high
        return self.low > other

    def __repr__(self) -> str:
        return (
            f"{self.median:.2f} times faster (between {self.low:.2f} and {self.high:.2f} in {len(self.ratios)} pairs)"
        )


def _rank(count: int) -> int:
    """Return how many values to leave out at each end for a 95 % interval of the median.

    The interval between the order statistics k+1 and n-k holds the median unless a fair coin
    shows k or fewer heads in n throws (a sign test); for n < 6 nothing can be left out.
    """
    rank, below = 0, 0.0
    for heads in range(count // 2):
        below += math.comb(count, heads) / 2**count
        if 2 * below > 0.05:
            break
        rank = heads
    return rank


def is_settled(ratios: Sequence[float], precision: float) -> bool:
    """Tell whether more pairs would hardly change the median."""
    if len(ratios) < 6:
        return False
    speedup = Speedup(tuple(ratios))
    return speedup.high - speedup.low <= precision * speedup.median


def _time(nanoseconds: float) -> str:
    seconds = nanoseconds / 1e9
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
