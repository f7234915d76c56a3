"""Further schedules where a search found no failure, but met calls of which only a part is known of what they touch.

In the search such a call is one step with what is known of it, as most of them touch nothing else: where each is in
conflict with all that others do, a search comes to no end. When it is over, some schedules are tried in which it is so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_concurrency._core import strategies
from pytest_concurrency._engine.shared import DOUBTS
from pytest_concurrency._machine import real

if TYPE_CHECKING:
    from pytest_concurrency._engine.record import Record
    from pytest_concurrency._explore.investigation import Investigation

RUNS: Final = 200
RUNS_LEAST: Final = 40
"""So many at least; else as many as the search has taken."""
SECONDS: Final = 1.5


def failing(explorer: Investigation) -> tuple[Record, int, set[int]] | None:
    """Return a run that fails where such calls conflict with everything, its number, and where it could switch."""
    before = set(explorer.offered)
    explorer.offered.add(DOUBTS)
    strategy = strategies.make("auto", seed=explorer.plan.seed, preemptions=None)
    most = min(max(explorer.tried, RUNS_LEAST), RUNS, explorer.plan.schedules)
    runs = explorer.runs(strategy, most, real.monotonic() + SECONDS)
    found = None
    for number, record in enumerate(runs, explorer.tried + 1):
        if record.failed:
            found = record, number, set(explorer.offered)
            break
    explorer.offers(before)
    return found
