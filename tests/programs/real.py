"""Scenarios on code that others wrote: how one is explored with everything that judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_concurrency import explore

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_concurrency import Verdict

ORACLES = {
    "busy_waiting": "fail",
    "ignored_timeouts": "fail",
    "outliving_threads": "fail",
    "starvation": "fail",
}


@dataclass(frozen=True)
class Case:
    """A scenario and the modules whose code is under test.

    Attributes:
        name: Its name, the module first.
        scenario: What runs; it asserts what the code promises.
        watch: Modules whose code offers switches, beside the scenario's own.
        alarm: Whether it uses the code as its authors forbid, and is to be told.
        needs: The package that must be installed; "" for the standard library.
    """

    name: str
    scenario: Callable[[], Any]
    watch: tuple[str, ...]
    alarm: bool = False
    needs: str = ""

    def explore(self, **settings: Any) -> Verdict:
        """Explore it with races, predictions and oracles."""
        return explore(self.scenario, watch=self.watch, **{**ORACLES, **settings})


CASES: dict[str, Case] = {}


def case(*watch: str, alarm: bool = False, needs: str = "") -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Enter a scenario under its module's name and its own."""

    def enter(scenario: Callable[[], Any]) -> Callable[[], Any]:
        name = f"{watch[0]}: {scenario.__name__.replace('_', ' ')}"
        CASES[name] = Case(name, scenario, watch, alarm, needs)
        return scenario

    return enter
