"""CPython's own tests pass on the doubles: outside controlled runs with doubles everywhere, and inside them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from controlled import value_of

from dropin import controlled, delegating
from pytest_concurrency._runtimes.threads.locks import LockDouble, RLockDouble

pytestmark = pytest.mark.slow


def need(module: str) -> None:
    """Skip where an interpreter comes without CPython's own tests, as those of many distributions do."""
    if missing := delegating.why_missing(module):
        pytest.skip(missing)  # there is nothing to run: these tests are the interpreter's own


def compared(module: str, *patterns: str) -> delegating.Row:
    need(module)
    return delegating.compare(module, [*patterns])


def explored(schedules: int, *patterns: str) -> list[controlled.Row]:
    need(controlled.MODULE)
    return controlled.rows([*patterns], schedules)


def test_some_tests_pass_with_doubles_as_they_do_without() -> None:
    row = compared("test.test_threading", "*CRLockTests.test_[alr]*", "*ThreadTests.test_lock_no_*")
    assert not row.lost, row.lost
    assert row.doubles == row.plain - len(row.excluded) > 8


@pytest.mark.soak
@pytest.mark.parametrize("module", delegating.MODULES)
def test_what_passes_plain_passes_with_doubles(module: str) -> None:
    row = compared(module)
    assert not row.lost, "\n".join(f"{name}: {how}" for name, how in row.lost.items())
    assert row.doubles == row.plain - len(row.excluded) > 0


def test_some_tests_of_locks_pass_inside_a_run() -> None:
    rows = explored(2, "Lock.test_[ar]*", "RLock.test_re*", "Barrier.*_reset")
    assert [row.name for row in rows] == ["Lock", "RLock", "Barrier"]
    for row in rows:
        assert not row.lost, row.lost
        assert row.passed == row.tests > 0
        assert row.schedules == 2 * row.tests


@pytest.mark.soak
def test_all_tests_of_locks_pass_inside_a_run() -> None:
    rows = explored(20)
    assert [row.name for row in rows] == [name for name, *_ in controlled.CASES]
    for row in rows:
        assert not row.lost, "\n".join(f"{name}: {how}" for name, how in row.lost.items())
        assert row.passed == row.tests - len(row.excluded) > 0
        assert len(row.excluded) <= 1


def test_what_is_tested_inside_a_run_are_doubles() -> None:
    make = {name: each for name, _, _, each in controlled.CASES}

    def scenario() -> list[type]:
        condition, event = make["Condition"](), make["Event"]()
        return [type(each) for each in (make["Lock"](), make["RLock"](), condition._lock, event._cond._lock)]

    assert value_of(scenario) == [LockDouble, RLockDouble, RLockDouble, LockDouble]


def test_what_is_tested_with_doubles_everywhere_are_doubles() -> None:
    code = (
        "from dropin import everywhere; everywhere.install()\n"
        "import json, queue, threading\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(1)\n"
        "made = [threading.Event()._cond._lock, queue.Queue().mutex, pool._shutdown_lock, pool._work_queue]\n"
        "print(json.dumps([type(each).__name__ for each in made]))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(delegating.TESTS)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    assert json.loads(ended.stdout) == ["LockDouble", "LockDouble", "LockDouble", "SimpleQueueDouble"]


class NoLock:
    """Lets everybody in."""

    def __init__(self) -> None:
        self.taken = 0

    def acquire(self, *_: object) -> bool:
        self.taken += 1
        return True

    def release(self) -> None:
        self.taken -= 1


def test_a_lock_that_does_not_lock_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    need(controlled.MODULE)
    monkeypatch.setattr(controlled, "CASES", (("NoLock", "LockTests", "locktype", NoLock),))
    controlled.explore_all(["*.test_acquire_contended", "*.test_acquire_release"], 2)
    told, quiet = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert told[1] == "NoLock.test_acquire_contended"
    assert "AssertionError: 5 != 0" in told[3]
    assert quiet[1:] == ["NoLock.test_acquire_release", "", "", 2]


def test_a_test_that_passes_only_plain_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, list[str]]] = []

    def outcomes(module: str, mode: str, patterns: list[str]) -> delegating.Outcomes:
        calls.append((mode, patterns))
        failed = ("failed", "a reason")
        if mode == "plain":
            return {"always": ("passed", ""), "never": failed, "only plain": ("passed", ""), "at times": ("passed", "")}
        if patterns:
            return {"only plain": failed, "at times": ("passed", "")}
        return {"always": ("passed", ""), "never": failed, "only plain": failed, "at times": ("started", "")}

    monkeypatch.setattr(delegating, "outcomes", outcomes)
    row = delegating.compare("json", [])
    assert row == delegating.Row("json", tests=4, plain=3, doubles=2, lost={"only plain": "failed: a reason"})
    assert calls == [("plain", []), ("doubles", []), ("doubles", ["at times", "only plain"])]


def test_an_interpreter_without_the_tests_is_told_in_one_line() -> None:
    row = delegating.compare("test.test_of_nothing", [])
    assert row.missing.endswith("is installed without test.test_of_nothing")
    assert delegating.table([row]).splitlines()[1] == f"test.test_of_nothing  {row.missing}"


def test_a_module_that_hangs_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    assert delegating.run(command, dict(os.environ), str(tmp_path), 0.1) == "took longer than 0.1 seconds"


def test_the_command_prints_a_table() -> None:
    need("test.test_queue")
    command: list[Any] = [sys.executable, str(Path(__file__).parent), "delegating", "test.test_queue"]
    ended = subprocess.run(
        [*command, "-k", "*CSimpleQueueTest.test_[bms]*"], capture_output=True, text=True, timeout=60, check=True
    )
    head, row = ended.stdout.splitlines()[1:3]
    assert head.split("  ")[-1] == "excluded"
    module, tests, plain, doubles, excluded = row.split()
    assert (module, int(excluded)) == ("test.test_queue", 0)
    assert int(tests) == int(plain) == int(doubles) > 2
