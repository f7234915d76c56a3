"""The strategies, a file each, and the table of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.pct import Pct
from pytest_concurrency._core.strategies.portfolio import Portfolio
from pytest_concurrency._core.strategies.pos import Pos
from pytest_concurrency._core.strategies.random_walk import RandomWalk
from pytest_concurrency._core.strategies.surw import Surw

if TYPE_CHECKING:
    from pytest_concurrency._core.strategy import Strategy

NAMES = ("auto", "random", "pct", "pos", "surw", "dfs", "dpor")


def make(name: str, *, seed: int, preemptions: int | None) -> Strategy:
    """Make the strategy of that name for one exploration.

    Raises:
        ValueError: No strategy has that name.
    """
    match name:
        case "auto":
            return Portfolio(seed)
        case "random":
            return RandomWalk(seed)
        case "pct":
            return Pct(seed)
        case "pos":
            return Pos(seed)
        case "surw":
            return Surw(seed)
        case "dfs":
            return Dfs(preemptions)
        case "dpor":
            return Dpor()
    known = ", ".join(NAMES)
    raise ValueError(f"strategy must be one of {known}, got {name!r}")
