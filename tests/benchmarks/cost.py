"""What the plugin costs: unused, at import, a schedule, listening for races, and what stays behind.

    python tests/benchmarks/cost.py                       # all, ten minutes
    python tests/benchmarks/cost.py unused --pairs 5
    python tests/benchmarks/cost.py schedules races

unused: pytest on 5 000 empty tests with the plugin and without it, in turn; median of the ratios.
import: CPU time of a process that imports the plugin, less that of one that imports pytest only.
schedules: two threads and a locked counter, explored with `pct` and run freely, in turn; state and
threads are fresh each time.
races: `explore` with `races="report"` against `races="ignore"`, for each published program with its
assertions muted and for 1 000 schedules, the detector's own extra runs included.
growth: threads, descriptors and memory of a process after 100 and after 10 000 explorations of the
counter, and how long the process then takes to end.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS))

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

    compiles_once = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=cwd, env=compiles_once, stdout=subprocess.DEVNULL, check=True)
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


def growth(explorations: int) -> None:
    script = f"from benchmarks import cost; cost.explore_often({explorations})"
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        print(f"growth     {line}", end="", flush=True)
        last = perf_counter()
    status = process.wait()
    print(f"growth     ended with status {status}, {perf_counter() - last:.2f} s after the last exploration")


def explore_often(explorations: int) -> None:
    """Explore again and again; print what the process holds after 100 times and at the end."""
    from pytest_concurrency import explore

    for number in range(1, explorations + 1):
        explore(counter, strategy="random", schedules=5, seconds=60)
        if number in (100, explorations):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            memory = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
            descriptors = len(os.listdir("/proc/self/fd"))
            threads = len(os.listdir("/proc/self/task"))
            print(f"{number} explorations: {threads} threads, {descriptors} descriptors, {memory:.1f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="unused, import, schedules, races, growth; all unless given")
    parser.add_argument("--pairs", type=int, default=20)
    options = parser.parse_args()
    parts = {"unused": unused, "import": importing, "schedules": schedules, "races": races, "growth": growth}
    wrong = sorted(set(options.parts) - set(parts))
    if wrong:
        parser.error(f"no such part: {', '.join(wrong)}; there are {', '.join(parts)}")
    for name in options.parts or parts:
        parts[name]({"unused": options.pairs, "import": options.pairs, "growth": 10_000}.get(name, 3))


if __name__ == "__main__":
    main()
