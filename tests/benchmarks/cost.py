"""What the plugin costs: unused, at import, a schedule, and listening for races. Each figure is a ratio of one run.

    python tests/benchmarks/cost.py                       # all four, about ten minutes
    python tests/benchmarks/cost.py unused --pairs 5
    python tests/benchmarks/cost.py schedules races

unused: pytest on 5 000 empty tests with the plugin and without it, in turn; median of the ratios.
import: CPU time of a process that imports the plugin, less that of one that imports pytest only.
schedules: two threads and a locked counter, explored with `pct` and run freely, in turn; state and
threads are fresh each time.
races: `explore` with `races="report"` against `races="ignore"`, for each published program with its
assertions muted and for 1 000 schedules, the detector's own extra runs included.
"""

from __future__ import annotations

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

EMPTY_TESTS = 5_000
SCHEDULES = 1_000


class Counter:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.n = 0

    def add(self) -> None:
        with self.lock:
            self.n += 1


def counter() -> None:
    shared = Counter()
    threads = [threading.Thread(target=shared.add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared.n == 2


def children_cpu(*command: str, cwd: str | None = None) -> float:
    """Run a command; return the CPU time that it took."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=cwd, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def unused(pairs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        body = "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(EMPTY_TESTS))
        Path(folder, "test_empty.py").write_text(body, encoding="utf-8")
        common = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "test_empty.py")
        ways = {"with": common, "without": (*common, "-p", "no:pytest_concurrency")}
        for way in ways.values():
            children_cpu(*way, cwd=folder)  # compiles what is to be compiled
        ratios = []
        for number in range(pairs):
            order = list(ways) if number % 2 else list(reversed(ways))
            took = {name: children_cpu(*ways[name], cwd=folder) for name in order}
            ratios.append(took["with"] / took["without"])
    print(
        f"unused     {EMPTY_TESTS} empty tests, {pairs} pairs, CPU time with / without: median "
        f"{statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}"
    )


def importing(pairs: int) -> None:
    more = []
    for _ in range(pairs):
        base = children_cpu("-c", "import pytest, threading")
        more.append(children_cpu("-c", "import pytest, threading, pytest_concurrency._plugin.plugin") - base)
    print(f"import     {statistics.median(more) * 1000:.0f} ms of CPU more than pytest alone, median of {pairs} pairs")


def schedules(rounds: int) -> None:
    from pytest_concurrency import explore

    rates: dict[str, list[float]] = {"pct": [], "free": []}
    for _ in range(rounds):
        begun = perf_counter()
        verdict = explore(counter, strategy="pct", schedules=SCHEDULES, races="ignore", seconds=60)
        rates["pct"].append(verdict.schedules / (perf_counter() - begun))
        begun = perf_counter()
        for _ in range(SCHEDULES):
            counter()
        rates["free"].append(SCHEDULES / (perf_counter() - begun))
    pct, free = (statistics.median(rates[name]) for name in ("pct", "free"))
    print(f"schedules  pct {pct:.0f} a second, uncontrolled {free:.0f} a second: {pct / free:.2f} of it")


def races(rounds: int) -> None:
    from benchmarks.corpus import PROGRAMS, muted

    from pytest_concurrency import explore

    ratios: dict[str, float] = {}
    for name, program in PROGRAMS.items():
        pairs = []
        for _ in range(rounds):
            took = {}
            for setting in ("ignore", "report"):
                options: Any = {"races": setting, "strategy": "random", "schedules": SCHEDULES, "seconds": 60}
                begun = process_time()
                explore(muted(program), **options)
                took[setting] = process_time() - begun
            pairs.append(took["report"] / took["ignore"])
        ratios[name] = statistics.median(pairs)
        print(f"races      {name:<20} {ratios[name]:.2f}", flush=True)
    mean = math.exp(statistics.mean(map(math.log, ratios.values())))
    print(f"races      geometric mean {mean:.2f}, most {max(ratios.values()):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="unused, import, schedules, races; all unless given")
    parser.add_argument("--pairs", type=int, default=20)
    options = parser.parse_args()
    parts = {"unused": unused, "import": importing, "schedules": schedules, "races": races}
    wrong = sorted(set(options.parts) - set(parts))
    if wrong:
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(parts)}")
    for name in options.parts or parts:
        parts[name](options.pairs if name in ("unused", "import") else 3)


if __name__ == "__main__":
    main()
