"""What a schedule over greenlets costs: two greenlets of four steps each, beside the same scenario run freely.

    python tests/benchmarks/greenlets.py                # half a minute
    python tests/benchmarks/greenlets.py --seconds 10
    python tests/benchmarks/greenlets.py --patched      # the same with `threading`, in a patched process
    python tests/benchmarks/greenlets.py --children     # what a patched child costs a test, in real time

plain: the scenario run freely, on gevent's own loop.
fresh: the same with a hub of its own each time, as each schedule has one.
documented, any: explored at random, in gevent's own order and in any; both are proved once before.

All four take turns, so that the load of the machine is the same for them; the figures are the processor's time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from pytest_concurrency import explore
from pytest_concurrency._plugin.patched.child import patch

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
CHILDREN = 20
TEST = """
import threading
import pytest

@pytest.mark.race(patched="gevent", schedules=1)
@pytest.mark.parametrize("number", range({count}))
def test_it(number):
    pass
"""


def patched_scenario() -> str:
    seen: list[str] = []

    def worker(name: str) -> None:
        for step in range(4):
            if step:
                time.sleep(0)
            seen.append(name)

    threads = [threading.Thread(target=worker, args=(each,)) for each in "ab"]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return "".join(seen)


def scenario() -> str:
    import gevent  # type: ignore[import-untyped]

    seen: list[str] = []

    def worker(name: str) -> None:
        for step in range(4):
            if step:
                gevent.sleep(0)
            seen.append(name)

    gevent.joinall([gevent.spawn(worker, each) for each in "ab"])
    return "".join(seen)


def fresh(scenario: Callable[[], str]) -> None:
    import gevent

    scenario()
    gevent.get_hub().destroy(destroy_loop=True)


def rate(function: Callable[[], object], seconds: float) -> float:
    """Return how often a second of the processor's it runs."""
    until, count, before = perf_counter() + seconds, 0, process_time()
    while perf_counter() < until:
        function()
        count += 1
    return count / (process_time() - before)


def explored(scenario: Callable[[], str], order: str, seconds: float) -> float:
    """Return how many schedules run in a second of the processor's."""
    before = process_time()
    verdict = explore(scenario, order=order, strategy="random", seconds=seconds, schedules=10_000_000, races="ignore")
    return verdict.schedules / (process_time() - before)


class Clock:
    """Takes the time of each test, as its session sees it."""

    def __init__(self) -> None:
        self.began = 0.0
        self.took: list[float] = []

    def pytest_runtest_logstart(self) -> None:
        self.began = perf_counter()

    def pytest_runtest_logfinish(self) -> None:
        self.took.append(perf_counter() - self.began)


def children() -> None:
    import pytest

    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "test_children.py")
        file.write_text(TEST.format(count=CHILDREN), encoding="utf-8")
        pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", folder, str(file)], plugins=[clock])
    first, *others = (1000 * each for each in clock.took)
    print(
        f"the first test {first:,.0f} ms; each other: median {statistics.median(others):,.0f}, min {min(others):,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each of the four, in each round")
    parser.add_argument("--patched", action="store_true", help="threads of a patched process")
    parser.add_argument("--children", action="store_true", help="patched children of a session")
    args = parser.parse_args()
    if args.children:
        children()
        return
    run = scenario
    if args.patched:
        assert not patch()
        run = patched_scenario
    else:
        import gevent  # noqa: F401 # before an exploration begins
    for order in ("documented", "any"):
        verdict = explore(run, order=order, schedules=100_000, seconds=60)
        print(f"{order}: {verdict.grade}, {len(verdict.outcomes)} outcomes in {verdict.schedules} schedules")
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        rates.setdefault("plain", []).append(rate(run, args.seconds))
        rates.setdefault("fresh", []).append(rate(lambda: fresh(run), args.seconds))
        for order in ("documented", "any"):
            rates.setdefault(order, []).append(explored(run, order, args.seconds))
    version = ".".join(map(str, sys.version_info[:3]))
    told = ", ".join(f"{name} {statistics.median(each):,.0f}" for name, each in rates.items())
    print(f"{version}: runs a second: {told}")


if __name__ == "__main__":
    main()
