"""What an exploration is asked to do, and the refusal of what it cannot do."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_concurrency._core import callables, strategies
from pytest_concurrency._core.oracles import Oracles
from pytest_concurrency._core.strategy import Strategy
from pytest_concurrency._engine import explain
from pytest_concurrency._engine.choosing import DOCUMENTED, ORDERS
from pytest_concurrency._sight.watching import Watch

if TYPE_CHECKING:
    from pytest_concurrency._core.strategies.border import Part

DEFAULT_SECONDS: Final = 10.0
SUBTREES: Final = ("dfs", "dpor")
"""Strategies that do nothing but search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an exploration is asked to do; the meaning of each field but the last three is `explore`'s.

    Attributes:
        draws: Whether the report of a failure is to hold what can be drawn of it.
        part: Which of its disjoint parts alone is to be explored; None is all of it.
        ends: Tells, after each schedule, why no further one is to be tried; "" while there is no such reason.
    """

    schedules: int = 1000
    strategy: str | Strategy = "auto"
    seed: int = 0
    preemptions: int | None = None
    seconds: float | None = None
    races: str = "report"
    clock: str = "exact"
    order: str = DOCUMENTED
    stop_on_failure: bool = True
    oracles: Oracles = field(default_factory=Oracles)
    draws: bool = False
    part: Part | None = None
    ends: Callable[[], str] = str

    def __post_init__(self) -> None:
        _require_whole("schedules", self.schedules, 1)
        _require_whole("seed", self.seed, None)
        if self.preemptions is not None:
            _require_whole("preemptions", self.preemptions, 0)
        if self.seconds is not None:
            _require_seconds(self.seconds)
        _require_one_of("clock", self.clock, ("exact", "any"))
        _require_one_of("order", self.order, ORDERS)
        _require_one_of("races", self.races, ("fail", "report", "ignore"))
        if not isinstance(self.strategy, Strategy):
            _require_one_of("strategy", self.strategy, strategies.NAMES)

    @property
    def most(self) -> int:
        """At most so many schedules are tried: a part has its share, or all of them where it only searches subtrees.

        Nobody knows before how large these are, and what ends for want of schedules proves nothing.
        """
        if self.part is None or self.strategy in SUBTREES:
            return self.schedules
        return -(-(self.schedules - self.part.number) // self.part.of) or 1

    def made(self) -> Strategy:
        """Return the strategy of one search."""
        if isinstance(self.strategy, Strategy):
            return self.strategy
        exact = self.clock != "any"
        return strategies.make(self.strategy, seed=self.seed, preemptions=self.preemptions, part=self.part, exact=exact)


def _require_whole(name: str, value: Any, least: int | None) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number, got {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be >= {least}, got {value!r}")


def _require_seconds(value: Any) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (number and 0 < value < math.inf):
        raise ValueError(f"seconds must be a finite number > 0, got {value!r}")


def _require_one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def check_scenario(scenario: Any) -> None:
    """Refuse what cannot be called once per schedule.

    Raises:
        TypeError: It is not callable, takes arguments, or is a generator.
    """
    __tracebackhide__ = True
    if not callable(scenario):
        raise TypeError(f"scenario must be callable without arguments, got {scenario!r}")
    kind = callables.kind_of(scenario)
    if kind.endswith("generator"):
        raise TypeError(f"scenario must be a plain or async function, got the {kind} {explain.name_of(scenario)!r}")
    if not callables.takes(scenario, 0):
        raise TypeError(f"scenario must be callable without arguments, got {callables.shown(scenario)!r}")


def names_of(names: Any) -> tuple[str, ...]:
    """Return names of packages or modules, given in a list.

    Raises:
        ValueError: They are no list of texts.
    """
    further = tuple(names) if isinstance(names, Iterable) and not isinstance(names, str) else (None,)
    if not all(isinstance(name, str) for name in further):
        raise ValueError(f"watch must be a list of names of packages or modules, got {names!r}")
    return further


def default_watch(scenario: Any, names: Any) -> Watch:
    """Watch the scenario's module and what lies beside and below it, and what is named.

    Raises:
        ValueError: The names are no list of texts.
    """
    further = names_of(names)
    code = getattr(inspect.unwrap(scenario), "__code__", None)
    file = code.co_filename if code is not None else ""
    folders = [Path(file).absolute().parent] if file and not file.startswith("<") else [Path.cwd()]
    return _watch(tuple(folders), further)


@functools.lru_cache(maxsize=8)  # to look at the file of every loaded module takes longer than many a run
def _watch(folders: tuple[Path, ...], names: tuple[str, ...]) -> Watch:
    return Watch(folders, names)
