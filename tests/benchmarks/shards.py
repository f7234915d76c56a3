"""Explorations in parts: do they find what the whole finds, and how much faster are several workers?

    python tests/benchmarks/shards.py truth --count 300       # an hour
    python tests/benchmarks/shards.py scaling --workers 1,2   # some minutes, on an idle machine

truth: random programs (`random_grammar.py`), each explored as a whole and in 2, 3 or 8 parts, with `dpor` and `auto`.
Where the whole is proved, the parts together have to have the same outcomes, and as many interleavings, and where they
are at their ends the verdict on them is `proved`, too. What a part does alone, as it is small, is cut all the same.
scaling: what it costs one worker to have 8 parts instead of the whole; then pytest with so many workers of
pytest-xdist in turn, on one test in 8 parts: schedules a second from the first test's begin to the last one's end,
with a strategy that samples (`pct`), and interleavings a second with one that searches subtrees (`dpor`). Efficiency is
what a worker does beside others, as a share of what one does alone; by CPU time it is what it would be on an idle
machine.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

TESTS: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

PROGRAM: Final = """
import os
import threading

import pytest

SHARDS = int(os.environ["SHARDS"])


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.first = self.second = 0

    def add(self):
        with self.lock:
            self.first += 1
        self.second += 1


def side_by_side(threads):
    counter = Counter()
    adders = [threading.Thread(target=counter.add) for _ in range(threads)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()


@pytest.mark.race(shards=SHARDS, strategy="pct", schedules=16_000, seconds=600, races="ignore")
def test_sampled():
    side_by_side(3)


@pytest.mark.race(shards=SHARDS, strategy="dpor", schedules=1_000_000, seconds=600, races="ignore")
def test_searched():
    side_by_side(4)
"""
CONFTEST: Final = """
import json
import os
import time

FOUND = []


def pytest_runtest_setup(item):
    item.stash["cpu"] = time.process_time()


def pytest_runtest_teardown(item):
    item.user_properties.append(("cpu", time.process_time() - item.stash["cpu"]))


def pytest_runtest_logreport(report):
    FOUND.append([report.when, report.start, report.stop, [list(each) for each in report.user_properties]])


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        with open("found.json", "w") as file:
            json.dump(FOUND, file)
"""


def explored(path: str, strategy: str, part: Any, seconds: float) -> tuple[Any, Any]:
    """Explore a program, or a part of it; return the verdict and what a part has shown."""
    from benchmarks.random_programs import load

    from pytest_concurrency._explore.exploration import Exploration
    from pytest_concurrency._explore.plan import Plan, default_watch

    scenario = load(path)
    plan = Plan(strategy=strategy, schedules=100_000, seconds=seconds, part=part, races="ignore", stop_on_failure=False)
    exploration = Exploration(scenario, plan, default_watch(scenario, ()), owner="", command=str)
    return exploration.run(), exploration.shown


def compared(path: str, strategy: str, of: int, seconds: float) -> tuple[str, str]:
    """Explore a program as a whole and in parts; return a word for what came of it, and what each says."""
    from benchmarks.random_programs import plain

    from pytest_concurrency._core.parts import PartVerdict, joined
    from pytest_concurrency._core.strategies.border import Part

    whole, _ = explored(path, strategy, None, seconds)
    if whole.grade != "proved":
        return f"whole {whole.grade}", ""
    outcomes, parts = set(), {}
    for number in range(of):
        verdict, shown = explored(path, strategy, Part(number, of), 3 * seconds)
        outcomes |= set(plain(verdict.outcomes))
        parts[number] = PartVerdict(
            number=number, of=of, grade=verdict.grade, schedules=verdict.schedules, reason=verdict.reason,
            shown=shown, notes=[],
        )  # fmt: skip
    together = joined(parts)
    said = f"{whole.reason} | {together.grade}: {together.reason}"
    if together.grade == "proved":
        counts = [each.split()[1] for each in (whole.reason, together.reason)]
        return ("equal" if outcomes == set(plain(whole.outcomes)) and counts[0] == counts[1] else "OTHER"), said
    return ("LESS" if all(each.grade == "proved" for each in parts.values()) else "not at its end"), said


def truth(first: int, count: int, seconds: float) -> bool:
    """Compare so many programs; tell whether none differs."""
    from benchmarks.random_grammar import PRELUDE, generate

    from pytest_concurrency._core.strategies import border

    vars(border)["PLAIN"] = 1
    tally: dict[str, int] = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            path = Path(folder, f"program_{seed}.py")
            path.write_text(PRELUDE + generate(random.Random(seed)).text(), encoding="utf-8")
            strategy, of = ("dpor", "auto")[seed % 2], (2, 3, 8)[seed % 3]
            word, said = compared(str(path), strategy, of, seconds)
            tally[word] += 1
            if word in ("OTHER", "LESS", "not at its end"):
                print(f"seed {seed}, {strategy} in {of} parts: {word}: {said}", flush=True)
    print(json.dumps(dict(sorted(tally.items()))))
    return not (tally["OTHER"] or tally["LESS"])


def measured(folder: str, test: str, workers: int, shards: int = 8) -> tuple[float, float]:
    """Run a test with so many workers; return schedules, or interleavings, a second: of real time, and of CPU time."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:asyncio", "-p", "no:cacheprovider", "-n", str(workers)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment["SHARDS"] = str(shards)
    subprocess.run([*command, "--dist=worksteal", f"test_scaling.py::{test}"], cwd=folder, env=environment, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    found = json.loads(Path(folder, "found.json").read_text(encoding="utf-8"))
    took = max(stop for when, _, stop, _ in found if when == "call") - min(start for _, start, _, _ in found)
    properties = [each for when, *_, given in found if when == "teardown" for each in given]
    cpu = sum(value for name, value in properties if name == "cpu")
    verdict = next(value for name, value in properties if name == "concurrency")
    words = verdict.replace("proved: all ", "").replace("sampled: ", "").split()
    return int(words[0]) / took, int(words[0]) / cpu


def scaling(counts: list[int], rounds: int) -> None:
    """Print what several workers do."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_scaling.py").write_text(PROGRAM, encoding="utf-8")
        Path(folder, "conftest.py").write_text(CONFTEST, encoding="utf-8")
        for test in ("test_sampled", "test_searched"):
            rates: dict[int, list[tuple[float, float]]] = {count: [] for count in counts}
            for number in range(rounds):
                for count in counts if number % 2 else reversed(counts):
                    rates[count].append(measured(folder, test, count))
            whole = statistics.median(measured(folder, test, 1, shards=1)[1] for _ in range(rounds))
            alone = [statistics.median(each) for each in zip(*rates[counts[0]], strict=True)]
            print(f"{test:<14} in 8 parts: {alone[1] / whole:.2f} of what the whole does, by CPU time", flush=True)
            for count in counts:
                real, cpu = (statistics.median(each) for each in zip(*rates[count], strict=True))
                ratio, share = real / alone[0] * counts[0], cpu / alone[1]
                print(
                    f"{test:<14} {count} workers: {real:.0f} a second, {ratio:.2f} of one: efficiency "
                    f"{ratio / count:.2f}, by CPU time {share:.2f}",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["truth", "scaling"])
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=100, help="so many programs")
    parser.add_argument("--seconds", type=float, default=4.0, help="for the whole of a program")
    parser.add_argument("--workers", default="1,2", help="numbers of workers, the first to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.what == "truth":
        sys.exit(not truth(options.first, options.count, options.seconds))
    scaling([int(each) for each in options.workers.split(",")], options.rounds)


if __name__ == "__main__":
    main()
