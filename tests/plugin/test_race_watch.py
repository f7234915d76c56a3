"""Whose code is watched: named packages, and the sources beside the tests."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from pytest_concurrency import ConcurrencyWarning, explore
from pytest_concurrency._sight.watching import OTHER, WATCHED, Watch

pytestmark = pytest.mark.slow

CODE = """
class Account:
    def __init__(self):
        self.money = 0

    def add(self):
        self.money += 1
"""
TEST = """
import pytest
from {name} import Account

{marker}
def test_it(race):
    def scenario():
        account = Account()
        race.run(account.add, account.add)
        assert account.money == 2
    {call}
"""


def elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, call: str, marker: str = ""
) -> None:
    """Make a package beside the root directory, and a test of it."""
    place = pytester.mkdir("elsewhere")
    (place / f"{name}.py").write_text(CODE, encoding="utf-8")
    root = pytester.mkdir("root")
    (root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (root / "test_it.py").write_text(TEST.format(name=name, call=call, marker=marker), encoding="utf-8")
    monkeypatch.syspath_prepend(place)
    monkeypatch.chdir(root)


def test_a_package_that_is_named_is_watched(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(pytester, monkeypatch, "bank_by_name", "race.explore(scenario, watch=['bank_by_name'])")
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(failed=1)


def test_one_that_the_marker_names_is_watched(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = "@pytest.mark.race(watch=['bank_by_marker'])"
    elsewhere(pytester, monkeypatch, "bank_by_marker", "race.explore(scenario)", marker)
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(failed=1)


def test_one_that_nobody_names_is_not(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(pytester, monkeypatch, "bank_unnamed", "race.explore(scenario)")
    result = pytester.runpytest("-p", "no:asyncio", "-v")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*proved*")


def test_sources_beside_the_tests_are_watched_without_a_setting(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, tests = pytester.mkdir("src"), pytester.mkdir("tests")
    (source / "bank_in_src.py").write_text(CODE, encoding="utf-8")
    (tests / "pytest.ini").write_text("[pytest]\npythonpath = ../src\n", encoding="utf-8")
    text = TEST.format(name="bank_in_src", call="race.explore(scenario)", marker="")
    (tests / "test_it.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tests)
    pytester.runpytest("-p", "no:asyncio").assert_outcomes(failed=1)


def test_sources_lie_beside_a_folder_of_tests_and_nowhere_else(tmp_path: Path) -> None:
    for folder in ("src", "tests/unit", "other/src", "app"):
        (tmp_path / folder).mkdir(parents=True)
    assert Watch([tmp_path / "tests" / "unit"]).kind(str(tmp_path / "src" / "bank.py")) is WATCHED
    assert Watch([tmp_path / "tests"]).kind(str(tmp_path / "other" / "src" / "bank.py")) is OTHER
    assert Watch([tmp_path / "app"]).kind(str(tmp_path / "src" / "bank.py")) is OTHER


def test_a_name_that_matches_nothing_is_told() -> None:
    with pytest.warns(ConcurrencyWarning, match="^watch must name packages or modules, got 'no_such': there is none$"):
        explore(lambda: None, watch=["no_such"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explore(lambda: None, watch=["json", "json.decoder"], schedules=1)


def test_one_of_the_ini_file_is_told_at_the_end_of_the_session(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nconcurrency_watch = json no_such\n")
    pytester.makepyfile("def test_it(): pass\n")
    result = pytester.runpytest("-p", "no:asyncio")
    result.stdout.fnmatch_lines(["concurrency_watch must name packages or modules, got 'no_such': there is none"])
    result.stdout.no_fnmatch_line("*got 'json'*")


@pytest.mark.slow
def test_a_script_beside_its_sources_watches_them(tmp_path: Path) -> None:
    source, tests = tmp_path / "src", tmp_path / "tests"
    source.mkdir()
    tests.mkdir()
    (source / "bank_of_a_script.py").write_text(CODE, encoding="utf-8")
    script = tests / "script.py"
    script.write_text(
        f"import sys, threading\nsys.path.insert(0, {str(source)!r})\n"
        "from bank_of_a_script import Account\nfrom pytest_concurrency import explore\n"
        "def scenario():\n    account = Account()\n"
        "    both = [threading.Thread(target=account.add) for _ in 'ab']\n"
        "    for each in both: each.start()\n    for each in both: each.join()\n"
        "    assert account.money == 2\nprint(explore(scenario).grade)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout == "failed\n"
