"""What a schedule over processes costs: two forked processes of four steps each, beside two raw forks.

    python tests/benchmarks/processes.py                # half a minute
    python tests/benchmarks/processes.py --method spawn --seconds 20

forks: `os.fork` twice, `os._exit`, and a wait for both: no schedule can be faster.
plain: the scenario run freely, with processes of multiprocessing.
explored: the same scenario, explored at random; it is proved once before, and the number of schedules is printed.

All three take turns, so that the load of the machine is the same for them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

from pytest_concurrency import explore

ROUNDS = 5


def add(lock: Any, total: Any) -> None:
    with lock:
        total.value += 1


def scenario(method: str) -> Callable[[], int]:
    context: Any = multiprocessing.get_context(method)

    def both() -> int:
        lock, total = context.Lock(), context.Value("i", 0, lock=False)
        processes = [context.Process(target=add, args=(lock, total)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return int(total.value)

    return both


def two_forks() -> None:
    pids = []
    for _ in range(2):
        pid = os.fork()
        if not pid:
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


def rate(function: Callable[[], object], seconds: float) -> float:
    """Return how often a function can be called in a second."""
    began, count = perf_counter(), 0
    while perf_counter() - began < seconds:
        function()
        count += 1
    return count / (perf_counter() - began)


def explored(function: Callable[[], object], seconds: float) -> float:
    """Return how many schedules of a scenario are explored in a second."""
    began = perf_counter()
    verdict = explore(
        function, strategy="random", schedules=1_000_000, seconds=seconds, races="ignore", watch=["__main__"]
    )
    return verdict.schedules / (perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--method", default="fork", choices=multiprocessing.get_all_start_methods())
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    both = scenario(given.method)
    verdict = explore(both, strategy="dpor", seconds=120, races="ignore", watch=["__main__"])
    print(f"Python {sys.version.split()[0]}, {given.method}, load {os.getloadavg()[0]:.1f}")
    print(f"{verdict.grade.value} in {verdict.schedules} schedules")
    rows: dict[str, list[float]] = {"forks": [], "plain": [], "explored": []}
    for _ in range(ROUNDS):
        rows["forks"].append(rate(two_forks, given.seconds))
        rows["plain"].append(rate(both, given.seconds))
        rows["explored"].append(explored(both, given.seconds))
    for name, rates in rows.items():
        print(f"{name:<9} {statistics.median(rates):7.1f}/s  ({min(rates):.1f} to {max(rates):.1f})")
    ratios = [ours / floor for ours, floor in zip(rows["explored"], rows["forks"], strict=True)]
    print(f"explored beside forks: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
