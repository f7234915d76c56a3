"""Run CPython's tests of locks inside controlled runs: each test a scenario, under many schedules.

    python tests/dropin controlled                                  # 20 schedules a test
    python tests/dropin controlled --schedules 2 -k "*Barrier*"

The classes of `test.lock_tests` are given every primitive of `threading`, as `test.test_threading`
gives them. `test.lock_tests` is watched, so that the tests' own code offers switches too.
"""

from __future__ import annotations

import _thread
import argparse
import json
import os
import platform
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from dropin.delegating import why_missing
from dropin.exclusions import CONTROLLED, reason
from pytest_concurrency import Grade, explore
from pytest_concurrency._engine.current import here

TESTS = Path(__file__).resolve().parent.parent
MODULE = "test.lock_tests"
LIMIT = 900.0  # seconds
SECONDS = 60.0  # for one test
LINES = 60  # of a verdict
_threading: Any = threading

# (name, class of test.lock_tests, attribute that it takes, what is tested)
CASES: tuple[tuple[str, str, str, Callable[..., Any]], ...] = (
    ("Lock", "LockTests", "locktype", lambda: threading.Lock()),
    ("RLock", "RLockTests", "locktype", lambda: threading.RLock()),
    ("PyRLock", "RLockTests", "locktype", lambda: _threading._PyRLock()),
    ("Condition as RLock", "RLockTests", "locktype", threading.Condition),
    ("Event", "EventTests", "eventtype", threading.Event),
    ("Condition", "ConditionTests", "condtype", threading.Condition),
    ("Semaphore", "SemaphoreTests", "semtype", threading.Semaphore),
    ("BoundedSemaphore", "BoundedSemaphoreTests", "semtype", threading.BoundedSemaphore),
    ("Barrier", "BarrierTests", "barriertype", threading.Barrier),
)


@dataclass
class Row:
    """How the tests of one primitive fared."""

    name: str
    tests: int = 0
    passed: int = 0
    schedules: int = 0
    lost: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)


def explore_all(patterns: list[str], schedules: int) -> None:
    """Explore every test, in this process; print a line of JSON for each."""
    lock_tests = import_module(MODULE)
    with mock.patch.object(_thread, "_count", count_tasks):
        for title, base, attribute, make in CASES:
            of = type(base, (getattr(lock_tests, base),), {attribute: staticmethod(make)})
            for name in unittest.TestLoader().getTestCaseNames(of):
                test = f"{title}.{name}"
                if not patterns or any(fnmatchcase(test, pattern) for pattern in patterns):
                    sys.stdout.write(json.dumps([title, test, *explore_one(of(name), test, schedules)]) + "\n")


def count_tasks() -> int:
    """Stand in for `_thread._count`: real threads end a moment after their tasks, in real time."""
    task = here.task
    return 0 if task is None else task.run.alive - 1


def explore_one(case: unittest.TestCase, test: str, schedules: int) -> tuple[str, str, int]:
    """Run a test under so many random schedules.

    Returns:
        Why it is left out, or what went wrong, both empty if all is well; and the number of schedules.
    """
    if why := reason(test, CONTROLLED):
        return why, "", 0
    make, name = type(case), case.id().rpartition(".")[2]

    def scenario() -> None:
        make(name).debug()

    try:
        verdict = explore(
            scenario, schedules=schedules, strategy="random", seconds=SECONDS, watch=[MODULE], races="ignore"
        )
    except unittest.SkipTest as skip:
        return f"leaves itself out: {skip}", "", 0
    good = verdict.grade is Grade.SAMPLED or verdict.grade is Grade.PROVED
    return "", "" if good else "\n".join(str(verdict).splitlines()[:LINES]), verdict.schedules


def rows(patterns: list[str], schedules: int, limit: float = LIMIT) -> list[Row]:
    """Explore every test, in a process of its own."""
    command = [sys.executable, "-m", "dropin.controlled", "--lines", "--schedules", str(schedules)]
    command += [f"-k={pattern}" for pattern in patterns]
    ended = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=limit,
        check=False,
        text=True,
    )
    if ended.returncode:
        raise RuntimeError(f"the tests ended with {ended.returncode}: {ended.stderr}")
    found = {title: Row(title) for title, *_ in CASES}
    for line in ended.stdout.splitlines():
        title, test, why, failure, ran = json.loads(line)
        row = found[title]
        row.tests += 1
        row.schedules += ran
        if why:
            row.excluded[test] = why
        elif failure:
            row.lost[test] = failure
        else:
            row.passed += 1
    return [row for row in found.values() if row.tests]


def table(of: list[Row]) -> str:
    """Return rows as text for a terminal."""
    width = max(len(row.name) for row in of)
    lines = [f"{'primitive':{width}}  tests  passed  schedules  excluded"]
    lines += [
        f"{row.name:{width}}  {row.tests:5}  {row.passed:6}  {row.schedules:9}  {len(row.excluded):8}" for row in of
    ]
    lines += [f"excluded: {name}: {why}" for row in of for name, why in row.excluded.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=20)
    parser.add_argument("-k", dest="patterns", action="append", default=[], help="only tests that match, as fnmatch")
    parser.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if missing := why_missing(MODULE):
        sys.exit(missing)
    if options.lines:
        explore_all(options.patterns, options.schedules)
        return
    found = rows(options.patterns, options.schedules)
    lost = [f"\nlost: {name}: {how}" for row in found for name, how in row.lost.items()]
    sys.stdout.write("\n".join([f"Python {platform.python_version()}", table(found), *lost, ""]))
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
