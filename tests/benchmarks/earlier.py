"""What a change has cost or won: this tree beside an earlier commit, in turns, on the published programs.

    python tests/benchmarks/earlier.py 397b163                                # all programs, some minutes
    python tests/benchmarks/earlier.py HEAD~1 --programs account,stack_bad --rounds 5

walk: schedules of `strategy="random"` in a second of the processor's time, this tree's divided by the earlier one's:
median of the rounds' ratios; above 1 is faster. dpor: schedules until it ends, at most `--most`, and its processor
time in this tree divided by that in the earlier one; below 1 is faster.
Assertions are muted, so that a run is as long on both sides.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from time import process_time
from typing import Any, Final

HERE: Final = Path(__file__).resolve()
ROOT: Final = HERE.parents[2]


def unpacked(commit: str, folder: Path) -> Path:
    """Put the package of a commit into a folder and return that."""
    found = subprocess.run(
        ["git", "-C", ROOT, "archive", commit, "pytest_concurrency"], check=False, capture_output=True
    )
    if found.returncode:
        sys.exit(f"COMMIT must be one of this repository, got {commit!r}: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def measure(program: str, strategy: str, schedules: int) -> None:
    """Explore once and print schedules, grade and the processor's seconds; run in a process of its own."""
    from benchmarks.corpus import PROGRAMS, muted

    from pytest_concurrency import explore

    scenario = muted(PROGRAMS[program])
    explore(scenario, strategy="random", schedules=20, seed=1, races="ignore")
    before = process_time()
    plan: Any = {"strategy": strategy, "schedules": schedules, "races": "ignore", "stop_on_failure": False}
    verdict = explore(scenario, **plan, seed=1, seconds=60)
    took = process_time() - before
    print(json.dumps({"schedules": verdict.schedules, "grade": str(verdict.grade), "seconds": took}))


def measured(tree: Path, *arguments: str) -> dict[str, Any]:
    """Measure in a process that imports the package of a tree."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (tree, ROOT / "tests")))}
    command = [sys.executable, "-P", str(HERE), "--measure", *arguments]
    found = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=tree)
    if found.returncode:
        sys.exit(found.stderr)
    result: dict[str, Any] = json.loads(found.stdout)
    return result


def walks(program: str, trees: tuple[Path, Path], schedules: int, rounds: int) -> float:
    """Return the median of the ratios of schedules a second, the tree that is first taking turns."""
    ratios = []
    for turn in range(rounds):
        taken = {tree: measured(tree, program, "random", str(schedules)) for tree in trees[:: 1 if turn % 2 else -1]}
        now, earlier = (float(taken[tree]["schedules"] / taken[tree]["seconds"]) for tree in trees)
        ratios.append(now / earlier)
    return statistics.median(ratios)


def main() -> None:
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        return
    sys.path.insert(0, str(ROOT / "tests"))
    from benchmarks.corpus import PROGRAMS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier one")
    parser.add_argument("--programs", default=",".join(PROGRAMS), help="names, with commas between them")
    parser.add_argument("--schedules", type=int, default=600, help="of a walk")
    parser.add_argument("--most", type=int, default=3000, help="schedules of dpor")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if unknown := sorted(set(args.programs.split(",")) - set(PROGRAMS)):
        parser.error(f"--programs takes some of {', '.join(PROGRAMS)}, got {', '.join(unknown)}")
    speeds, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        trees = (ROOT, unpacked(args.commit, Path(folder)))
        print(f"{'program':16} {'walk':>6}  dpor: earlier, now, time", flush=True)
        for program in args.programs.split(","):
            speeds.append(walks(program, trees, args.schedules, args.rounds))
            now, earlier = (measured(tree, program, "dpor", str(args.most)) for tree in trees)
            seconds.append(now["seconds"] / earlier["seconds"])
            told = [f"{each['schedules']} {each['grade']}" for each in (earlier, now)]
            print(f"{program:16} {speeds[-1]:6.2f}  {', '.join(told)}, {seconds[-1]:.2f}", flush=True)
    print(f"geometric mean: walk {mean(speeds):.2f}, time of dpor {mean(seconds):.2f}")


def mean(ratios: list[float]) -> float:
    """Return the geometric mean."""
    return math.exp(statistics.fmean(map(math.log, ratios)))


if __name__ == "__main__":
    main()
