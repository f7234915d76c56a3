"""Measure this package's strategies; prints one JSON object per line."""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time
from typing import Any

from benchmarks.corpus import chosen, muted

from pytest_concurrency._core.verdict import Grade, Verdict
from pytest_concurrency._explore.exploration import Exploration, Search
from pytest_concurrency._explore.investigation import Investigation
from pytest_concurrency._explore.plan import Plan, default_watch

GRANULARITY = "shared accesses and sync operations"


class FirstFailure(Exploration):
    """An exploration that ends at the first failure without explaining it."""

    def search(self, explorer: Investigation) -> Verdict:
        search = Search(explorer, twice=False)
        search.run()
        if search.failed is not None:
            return Verdict(Grade.FAILED, search.failed[1], "")
        return explorer.judges.after(explorer, search.graded())


def search(
    scenario: Any, strategy: str, seed: int, cap: int, *, stop: bool = True, seconds: float = 60
) -> tuple[Verdict, float]:
    """Explore with one seed; return the verdict and the seconds it took."""
    plan = Plan(schedules=cap, strategy=strategy, seed=seed, seconds=seconds, races="ignore", stop_on_failure=stop)
    exploration = FirstFailure(scenario, plan, default_watch(scenario, ()), owner="", command=str)
    begun = perf_counter()
    verdict = exploration.run()
    took = perf_counter() - begun
    return verdict, took


def find(names: str, strategy: str, seeds: int, cap: int) -> None:
    """Tell how many schedules each seed needs to the first failure."""
    for program in chosen(names):
        needed, proved = [], 0
        for seed in range(1 if strategy in ("dfs", "dpor") else seeds):
            verdict, _ = search(program.scenario, strategy, seed, cap)
            if verdict.grade is Grade.FAILED:
                needed.append(verdict.schedules)
            proved += verdict.grade is Grade.PROVED
        tries = 1 if strategy in ("dfs", "dpor") else seeds
        print(json.dumps({"program": program.name, "needed": needed, "tries": tries, "proved": proved}), flush=True)


def speed(names: str, strategy: str, seconds: float) -> None:
    """Tell how many schedules a second are run."""
    for program in chosen(names):
        before = process_time()
        verdict, took = search(muted(program), strategy, 1, 1_000_000, stop=False, seconds=seconds)
        line = {"schedules": verdict.schedules, "seconds": took, "cpu": process_time() - before}
        print(json.dumps({"program": program.name, **line}), flush=True)


if __name__ == "__main__":
    mode, names, strategy, *numbers = sys.argv[1:]
    if mode == "find":
        find(names, strategy, int(numbers[0]), int(numbers[1]))
    else:
        speed(names, strategy, float(numbers[0]))
