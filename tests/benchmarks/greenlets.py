"""What a schedule over greenlets costs: two greenlets of four steps each, beside the same scenario run freely.

    python tests/benchmarks/greenlets.py                # half a minute
    python tests/benchmarks/greenlets.py --seconds 10

plain: the scenario run freely, on gevent's own loop.
fresh: the same with a hub of its own each time, as each schedule has one.
documented, any: explored at random, in gevent's own order and in any; both are proved once before.

All four take turns, so that the load of the machine is the same for them; the figures are the processor's time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]

from pytest_concurrency import explore

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5


def scenario() -> str:
    seen: list[str] = []

    def worker(name: str) -> None:
        for step in range(4):
            if step:
                gevent.sleep(0)
            seen.append(name)

    gevent.joinall([gevent.spawn(worker, each) for each in "ab"])
    return "".join(seen)


def fresh() -> None:
    scenario()
    gevent.get_hub().destroy(destroy_loop=True)


def rate(function: Callable[[], object], seconds: float) -> float:
    """Return how often a second of the processor's it runs."""
    until, count, before = perf_counter() + seconds, 0, process_time()
    while perf_counter() < until:
        function()
        count += 1
    return count / (process_time() - before)


def explored(order: str, seconds: float) -> float:
    """Return how many schedules run in a second of the processor's."""
    before = process_time()
    verdict = explore(scenario, order=order, strategy="random", seconds=seconds, schedules=10_000_000, races="ignore")
    return verdict.schedules / (process_time() - before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each of the four, in each round")
    seconds: float = parser.parse_args().seconds
    for order in ("documented", "any"):
        verdict = explore(scenario, order=order, schedules=100_000, seconds=60)
        print(f"{order}: {verdict.grade}, {len(verdict.outcomes)} outcomes in {verdict.schedules} schedules")
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, function in (("plain", scenario), ("fresh", fresh)):
            rates.setdefault(name, []).append(rate(function, seconds))
        for order in ("documented", "any"):
            rates.setdefault(order, []).append(explored(order, seconds))
    version = ".".join(map(str, sys.version_info[:3]))
    told = ", ".join(f"{name} {statistics.median(each):,.0f}" for name, each in rates.items())
    print(f"{version}: runs a second: {told}")


if __name__ == "__main__":
    main()
