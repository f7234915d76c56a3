"""Measure the peer interleave-test. Prints one JSON object per line."""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time
from typing import Any

import interleave_test  # type: ignore[import-not-found,unused-ignore] # in the group "bench" only
from benchmarks.corpus import chosen, muted


def explore(scenario: Any, strategy: str, seed: int, cap: int, seconds: float) -> Any:
    """Explore in portions, as the peer has no limit in seconds; returns (schedules, found)."""
    schedules, begun, portion = 0, perf_counter(), 10
    while schedules < cap and perf_counter() - begun < seconds:
        result = interleave_test.explore(
            scenario, iterations=min(portion, cap - schedules), seed=seed * 1_000_003 + schedules,
            strategy=strategy, granularity="opcode", raise_on_failure=False,
        )  # fmt: skip
        schedules += result.schedules_run
        if not result.ok:
            return schedules, True
        portion = min(portion * 2, 200)
    return schedules, False


def find(names: str, strategy: str, seeds: int, cap: int, seconds: float) -> None:
    for program in chosen(names):
        needed = []
        for seed in range(seeds):
            schedules, found = explore(program.scenario, strategy, seed, cap, seconds)
            if found:
                needed.append(schedules)
        print(json.dumps({"program": program.name, "needed": needed, "tries": seeds}), flush=True)


def speed(names: str, strategy: str, seconds: float) -> None:
    for program in chosen(names):
        scenario = muted(program)
        schedules, seed, begun, before = 0, 0, perf_counter(), process_time()
        while (left := seconds - (perf_counter() - begun)) > 0:
            schedules += explore(scenario, strategy, seed, 1_000_000, left)[0]
            seed += 1
        line = {"schedules": schedules, "seconds": perf_counter() - begun, "cpu": process_time() - before}
        print(json.dumps({"program": program.name, **line}), flush=True)


if __name__ == "__main__":
    mode, names, strategy, *numbers = sys.argv[1:]
    if mode == "find":
        find(names, strategy, int(numbers[0]), int(numbers[1]), float(numbers[2]))
    else:
        speed(names, strategy, float(numbers[0]))
