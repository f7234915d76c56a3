"""The strategies, a file each, loaded when they are made, and the table of their names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pytest_concurrency._core.strategies.border import Part
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
PARTS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {  # the same, of those whose parts are subtrees
    "auto": ("portfolio.Portfolio", ("seed", "part", "exact")),
    "dfs": ("dfs_part.DfsPart", ("part", "preemptions")),
    "dpor": ("dpor_part.DporPart", ("part", "exact")),
}


def make(name: str, *, seed: int, preemptions: int | None, part: Part | None = None, exact: bool = True) -> Strategy:
    """Make the strategy of that name for one exploration, or for one of its disjoint parts.

    Args:
        name: A key of the table.
        seed: Makes random strategies repeatable; each part walks by a seed of its own.
        preemptions: Bound on preemptions for `dfs`.
        part: Which part, if it is cut.
        exact: Whether no step can see the time pass.

    Raises:
        ValueError: No strategy has that name.
    """
    if name not in TABLE:
        raise ValueError(f"strategy must be one of {', '.join(NAMES)}, got {name!r}")
    home, takes = TABLE[name] if part is None else PARTS.get(name, TABLE[name])
    file, kind = home.split(".")
    if part is not None:
        seed = seed * part.of + part.number
    given: dict[str, Any] = {"seed": seed, "preemptions": preemptions, "part": part, "exact": exact}
    strategy: Strategy = getattr(import_module(f"{__name__}.{file}"), kind)(**{each: given[each] for each in takes})
    return strategy
