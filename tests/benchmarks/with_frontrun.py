"""Measure the peer frontrun; to be run under its own command. Prints one JSON object per line."""

from __future__ import annotations

import json
import sys
from time import perf_counter, process_time
from typing import Any

import frontrun  # type: ignore[import-not-found,import-untyped,unused-ignore] # in the group "bench" only
from benchmarks.corpus import chosen, parts


def explore(program: Any, strategy: str, seed: int, cap: int, seconds: float, *, mute: bool) -> Any:
    setup, workers, invariant = parts(program, mute=mute)
    options: dict[str, Any] = {"strategy": strategy, "total_timeout": seconds}
    options |= {"max_attempts": cap, "seed": seed} if strategy == "random" else {"max_executions": cap}
    return frontrun.explore(setup, workers, invariant, reproduce_on_failure=0, detect_io=False, **options)


def find(names: str, strategy: str, seeds: int, cap: int, seconds: float) -> None:
    for program in chosen(names):
        needed = []
        for seed in range(seeds):
            result = explore(program, strategy, seed, cap, seconds, mute=False)
            if result.property_holds is False:
                needed.append(result.num_explored)
        print(json.dumps({"program": program.name, "needed": needed, "tries": seeds}), flush=True)


def speed(names: str, strategy: str, seconds: float) -> None:
    for program in chosen(names):
        schedules, seed, begun, before = 0, 0, perf_counter(), process_time()
        while (left := seconds - (perf_counter() - begun)) > 0:
            schedules += explore(program, strategy, seed, 1_000_000, left, mute=True).num_explored
            seed += 1
        line = {"schedules": schedules, "seconds": perf_counter() - begun, "cpu": process_time() - before}
        print(json.dumps({"program": program.name, **line}), flush=True)


if __name__ == "__main__":
    mode, names, strategy, *numbers = sys.argv[1:]
    if mode == "find":
        find(names, strategy, int(numbers[0]), int(numbers[1]), float(numbers[2]))
    else:
        speed(names, strategy, float(numbers[0]))
