"""The plugin beside xdist, pytest-timeout, coverage, pytest-asyncio, Hypothesis and mocks."""

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RACY = """
def test_racy(race):
    def scenario():
        box = [0]
        def add():
            box[0] += 1
        race.run(add, add)
        assert box[0] == 2
    race.explore(scenario)
"""
RIGHT = """
import threading

def test_right(race):
    def scenario():
        box, lock = [0], threading.Lock()
        def add():
            with lock:
                box[0] += 1
        race.run(add, add)
        assert box[0] == 2
    race.explore(scenario, schedules=30)
"""


def test_with_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT)
    result = pytester.runpytest_subprocess("-p", "no:asyncio", "-n", "2")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["main raised AssertionError*", "*pytest test_racy.py::test_racy --race-replay=1-*"])


def test_with_exitfirst_and_last_failed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT)
    pytester.runpytest("-p", "no:asyncio", "-x").assert_outcomes(failed=1)
    pytester.runpytest("-p", "no:asyncio", "--lf").assert_outcomes(failed=1)


def test_without_the_plugin_nothing_is_left(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import threading, _thread\ndef test_it(): assert type(threading.Lock()) is _thread.LockType\n")
    pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:pytest_concurrency").assert_outcomes(passed=1)


@pytest.mark.soak
def test_the_budget_stays_below_pytest_timeouts_limit(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, time

        @pytest.mark.timeout(6)
        def test_endless(race):
            def scenario():
                def forever():
                    while True:
                        time.sleep(1)
                        beats.append(1)
                beats = []
                race.run(forever)
            race.explore(scenario)
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:asyncio", timeout=60)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*::test_endless: unfinished: time was up while main, A still ran*"])


def test_coverage_sees_what_tasks_execute(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(worked="def work(box):\n    box.append(1)\n    return len(box)\n")
    pytester.makepyfile(
        "import worked\ndef test_it(race):\n"
        "    race.explore(lambda: race.run(lambda: worked.work([]), lambda: worked.work([])), schedules=3)\n"
    )
    run = [sys.executable, "-m", "coverage"]
    data = "--data-file=.coverage"
    pytester.run(*run, "run", data, "--include=worked.py", "-m", "pytest", "-q", "-p", "no:asyncio", timeout=60)
    report = pytester.run(*run, "report", data, "-m", timeout=60)
    report.stdout.fnmatch_lines(["worked.py*3*0*100%*"])


@pytest.mark.parametrize("switch", ["no:asyncio", "asyncio"])
def test_with_and_without_pytest_asyncio(pytester: pytest.Pytester, switch: str) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(test_racy=RACY, test_right=RIGHT)
    pytester.runpytest_subprocess("-p", switch).assert_outcomes(passed=1, failed=1)


def test_under_hypothesis_the_example_is_named_and_replayed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import HealthCheck, assume, given, settings, strategies as st

        @settings(max_examples=10, database=None, derandomize=True, deadline=None,
                  suppress_health_check=list(HealthCheck))
        @given(start=st.integers(0, 3))
        def test_given(race, start):
            assume(start != 1)
            def scenario():
                box = [start]
                def add():
                    box[0] += 1
                race.run(add, add)
                assert box[0] == start + 2 or start < 2
            race.explore(scenario, schedules=100)
        """
    )
    result = pytester.runpytest("-p", "no:asyncio")
    result.assert_outcomes(failed=1)
    out = result.stdout.str()
    assert "start=2" in out
    assert "--race-replay=" in out


def test_a_mock_of_sleep_wins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import time
        from unittest import mock

        def test_it(race):
            with mock.patch("time.sleep") as sleep:
                race.explore(lambda: race.run(lambda: time.sleep(5)), schedules=1)
            assert sleep.call_args == mock.call(5)
        """
    )
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(passed=1)


def test_a_wheel_built_from_the_root_is_watched(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # as tox does it: installed, but its direct_url.json points below the root directory
    site = Path(pytester.path, "elsewhere", "site-packages")
    info = site / "shop-1.dist-info"
    info.mkdir(parents=True)
    (site / "shop.py").write_text("class Till:\n    n = 0\n    def add(self):\n        self.n += 1\n", encoding="utf-8")
    (info / "RECORD").write_text("shop.py,,\nshop-1.dist-info/RECORD,,\n", encoding="utf-8")
    root = Path(pytester.path, "project")
    root.mkdir()
    url = f'{{"url": "{root.as_uri()}", "dir_info": {{}}}}'
    (info / "direct_url.json").write_text(url, encoding="utf-8")
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (root / "test_shop.py").write_text(
        "import shop\ndef test_it(race):\n    def scenario():\n        till = shop.Till()\n"
        "        race.run(till.add, till.add)\n        assert till.n == 2\n    race.explore(scenario)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    result = pytester.runpytest_subprocess("-p", "no:asyncio", f"--rootdir={root}", str(root))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*self.n += 1*"])
