"""The strategies, a file each, loaded when they are made, and the table of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
            from pytest_concurrency._core.strategies.portfolio import Portfolio

            return Portfolio(seed)
        case "random":
            from pytest_concurrency._core.strategies.random_walk import RandomWalk

            return RandomWalk(seed)
        case "pct":
            from pytest_concurrency._core.strategies.pct import Pct

            return Pct(seed)
        case "pos":
            from pytest_concurrency._core.strategies.pos import Pos

            return Pos(seed)
        case "surw":
            from pytest_concurrency._core.strategies.surw import Surw

            return Surw(seed)
        case "dfs":
            from pytest_concurrency._core.strategies.dfs import Dfs

            return Dfs(preemptions)
        case "dpor":
            from pytest_concurrency._core.strategies.dpor import Dpor

            return Dpor()
    known = ", ".join(NAMES)
    raise ValueError(f"strategy must be one of {known}, got {name!r}")
