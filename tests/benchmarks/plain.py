"""Measure plain repetition: the scenario on real threads, as often as a search would run it."""

from __future__ import annotations

import json
import sys
from time import perf_counter

from benchmarks.corpus import chosen
from programs.program import run_plainly


def main(names: str, repetitions: int) -> None:
    for program in chosen(names):
        if not program.plain:
            continue  # would hang
        failures = 0
        begun = perf_counter()
        for _ in range(repetitions):
            try:
                run_plainly(program.scenario)
            except (AssertionError, IndexError):
                failures += 1
        took = perf_counter() - begun
        line = {"program": program.name, "failures": failures, "schedules": repetitions, "seconds": took}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
