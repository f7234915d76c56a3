"""Run CPython's own tests plain and with doubles everywhere, outside controlled runs, and compare.

    python tests/dropin delegating                                  # all modules: minutes
    python tests/dropin delegating test.test_queue -k "*SimpleQueue*"

Whatever passes plain has to pass with doubles. What does not is run once more, alone: some of
CPython's tests measure real time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from dropin.exclusions import DELEGATING, reason

TESTS = Path(__file__).resolve().parent.parent
LIMIT = 300.0  # seconds for a module
FUTURES = "test.test_concurrent_futures"
MODULES = (
    "test.test_threading",
    "test.test_thread",
    "test.test_queue",
    "test.test_threading_local",
    "test.test_threadsignals",
    "test.test_sched",
    *(f"{FUTURES}.test_{part}" for part in ("as_completed", "future", "init", "shutdown", "thread_pool", "wait")),
)
PASSED = "passed"
Outcomes = dict[str, tuple[str, str]]


@dataclass
class Row:
    """How the tests of one module fared.

    Attributes:
        lost: Tests that pass plain and not with doubles, with how they ended.
        excluded: Tests that are left out, with the reason.
        missing: Why the module did not run at all.
    """

    module: str
    tests: int = 0
    plain: int = 0
    doubles: int = 0
    lost: dict[str, str] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    missing: str = ""


def why_missing(module: str) -> str:
    """Say that this interpreter comes without a module of CPython's tests; empty if it has it."""
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        if find_spec(".".join(parts[:end])) is None:
            return f"Python {platform.python_version()} is installed without {'.'.join(parts[:end])}"
    return ""


def outcomes(module: str, mode: str, patterns: list[str], limit: float = LIMIT) -> Outcomes:
    """Run a module's tests in a process of their own; return how each ended, and details."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        command = [sys.executable, "-m", "dropin.child", module, mode, str(results), *patterns]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        detail = run(command, environment, folder, limit)
        if not results.exists():
            raise RuntimeError(f"{module} did not start: {detail}")
        lines = results.read_text(encoding="utf-8").splitlines()
    found = {name: (outcome, text) for name, outcome, text in map(json.loads, lines)}
    return {name: (outcome, detail if outcome == "started" else text) for name, (outcome, text) in found.items()}


def run(command: list[str], environment: dict[str, str], folder: str, limit: float) -> str:
    """Run a command, and end it and all that it started; return what it wrote to stderr."""
    with (Path(folder) / "stderr").open("w+", encoding="utf-8", errors="replace") as errors:
        child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            child.wait(limit)
        except subprocess.TimeoutExpired:
            return f"took longer than {limit:g} seconds"
        finally:
            with contextlib.suppress(ProcessLookupError):  # the group is empty, as it should be
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        errors.seek(0)
        return errors.read()


def compare(module: str, patterns: list[str]) -> Row:
    """Run a module plain and with doubles."""
    row = Row(module, missing=why_missing(module))
    if row.missing:
        return row
    plain = outcomes(module, "plain", patterns)
    doubles = outcomes(module, "doubles", patterns)
    good = {name for name, (outcome, _) in plain.items() if outcome == PASSED}
    row.tests, row.plain = len(plain), len(good)
    row.excluded = {name: why for name in sorted(good) if (why := reason(name, DELEGATING))}
    kept = good - row.excluded.keys()
    lost = {name for name in kept if doubles.get(name, ("", ""))[0] != PASSED}
    again = outcomes(module, "doubles", sorted(lost)) if lost else {}
    for name in sorted(lost):
        outcome, detail = again.get(name, ("did not run", ""))
        if outcome != PASSED:
            row.lost[name] = f"{outcome}: {detail}"
    row.doubles = len(kept) - len(row.lost)
    return row


def table(rows: list[Row]) -> str:
    """Return rows as text for a terminal."""
    width = max(len(row.module) for row in rows)
    lines = [f"{'module':{width}}  tests  passed plain  passed with doubles  excluded"]
    for row in rows:
        if row.missing:
            lines.append(f"{row.module:{width}}  {row.missing}")
        else:
            lines.append(
                f"{row.module:{width}}  {row.tests:5}  {row.plain:12}  {row.doubles:19}  {len(row.excluded):8}"
            )
    lines += [f"excluded: {name}: {why}" for row in rows for name, why in row.excluded.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("-k", dest="patterns", action="append", default=[], help="only tests that match, as fnmatch")
    options = parser.parse_args()
    rows = [compare(module, options.patterns) for module in options.modules]
    lost = [f"\nlost: {name}: {how}" for row in rows for name, how in row.lost.items()]
    sys.stdout.write("\n".join([f"Python {platform.python_version()}", table(rows), *lost, ""]))
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
