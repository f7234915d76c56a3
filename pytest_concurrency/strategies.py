"""What one needs to pick a strategy or to write one.

A strategy of one's own is a subclass of `Strategy`; an instance goes where a name would:
`explore(scenario, strategy=MyStrategy())`. One object serves one exploration.
"""

from __future__ import annotations

from pytest_concurrency._core.operations import READ, TIME, WRITE, Access, Operation, conflict
from pytest_concurrency._core.strategies import NAMES, make
from pytest_concurrency._core.strategies.dfs import Dfs
from pytest_concurrency._core.strategies.dpor import Dpor
from pytest_concurrency._core.strategies.pct import Pct
from pytest_concurrency._core.strategies.portfolio import Portfolio
from pytest_concurrency._core.strategies.pos import Pos
from pytest_concurrency._core.strategies.random_walk import RandomWalk
from pytest_concurrency._core.strategies.surw import Surw
from pytest_concurrency._core.strategy import Redundant, Strategy

__all__ = (
    "NAMES",
    "READ",
    "TIME",
    "WRITE",
    "Access",
    "Dfs",
    "Dpor",
    "Operation",
    "Pct",
    "Portfolio",
    "Pos",
    "RandomWalk",
    "Redundant",
    "Strategy",
    "Surw",
    "conflict",
    "make",
)
