"""Every kind of hang of processes, by every way to start one: told after how many seconds, and what is not told of it.

    python tests/benchmarks/hangs_of_processes.py              # one Python, three ways: a minute
    python tests/benchmarks/hangs_of_processes.py --method spawn

A row is a test of `tests/plugin/test_plain_processes.py`, and its words are those that must be told: who waits in what,
on which object, made where, held by whom. `-` stands before what is not.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "plugin"))

from test_plain_processes import COMMANDS, HEAD, STUCK, WORDS, told  # type: ignore[import-not-found] # noqa: E402 - found by the line above

METHODS = ("fork", "spawn", "forkserver")
SLOW = 2.0
"""Seconds after which a hang has to be told, beside the start of its processes."""


def run(method: str, folder: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Run every hang by one way; return how long each took, and what was told."""
    hangs = [each.rpartition("    def test_nobody_is_left")[0] for each in (STUCK, COMMANDS)]
    program = HEAD.format(method=method) + "".join(hangs)
    (folder / "test_plain.py").write_text(textwrap.dedent(program), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-W",
        "ignore",
        "--durations=0",
        "-vv",
    ]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"}
    )
    took = re.findall(r"^([\d.]+)s call +\S+::test_(\w+)$", done.stdout, re.MULTILINE)
    return {name: float(seconds) for seconds, name in took}, told(done.stdout)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", choices=METHODS, help="this way only")
    chosen = parser.parse_args().method
    holes = 0
    print(f"Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f}")
    for method in [chosen] if chosen else METHODS:
        with tempfile.TemporaryDirectory() as folder:
            took, words = run(method, Path(folder))
        for name, wanted in WORDS.items():
            text, seconds = words.get(name, ""), took.get(name, float("nan"))
            missing = [each for each in wanted if each not in text]
            holes += not text or bool(missing) or not seconds <= SLOW
            print(f"{method:11}{name:30}{seconds:6.2f} s  " + ("; ".join(f"- {each}" for each in missing) or "all"))
    print(f"{holes} of {len(WORDS) * (1 if chosen else len(METHODS))} are told later than {SLOW} s, or not all of it")
    return holes


if __name__ == "__main__":
    raise SystemExit(main() and 1)
