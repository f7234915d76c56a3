"""The strategies, a file each, loaded when they are made, and the table of their names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pytest_concurrency._core.strategy import Strategy

TABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {  # name: its file and class, and what it is made from
    "auto": ("portfolio.Portfolio", ("seed",)),
    "random": ("random_walk.RandomWalk", ("seed",)),
    "pct": ("pct.Pct", ("seed",)),
    "pos": ("pos.Pos", ("seed",)),
    "surw": ("surw.Surw", ("seed",)),
    "dfs": ("dfs.Dfs", ("preemptions",)),
    "dpor": ("dpor.Dpor", ()),
}
NAMES: Final = tuple(TABLE)


def make(name: str, *, seed: int, preemptions: int | None) -> Strategy:
    """Make the strategy of that name for one exploration.

    Raises:
        ValueError: No strategy has that name.
    """
    if name not in TABLE:
        raise ValueError(f"strategy must be one of {', '.join(NAMES)}, got {name!r}")
    home, takes = TABLE[name]
    file, kind = home.split(".")
    given: dict[str, Any] = {"seed": seed, "preemptions": preemptions}
    strategy: Strategy = getattr(import_module(f"{__name__}.{file}"), kind)(*(given[each] for each in takes))
    return strategy
