"""A trial is a run of pytest in a process of its own, and its report becomes values."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kata_library import Library, make_runnable

from pytest_concurrency._katas import trials
from pytest_concurrency._katas.trials import Outcome

pytestmark = pytest.mark.slow

XML = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite>
<testcase classname="c" name="test_a[1-2]"/>
<testcase classname="c" name="test_b"><failure message="AssertionError: too&#10;  long">E</failure>
</testcase>
<testcase classname="c" name="test_c"><failure message="x: task 1 not started — open y">E</failure>
<error message="teardown">E</error></testcase>
<testcase classname="c" name="test_d"><skipped type="pytest.skip" message="no fork">d</skipped>
</testcase>
<testcase classname="c" name="test_e"><error message="collection failure">ImportError: z</error>
</testcase>
<testcase classname="c" name="test_f"><error>at teardown</error><properties/></testcase>
</testsuite></testsuites>
"""


def test_outcomes() -> None:
    assert list(trials.outcomes_of(XML)) == [
        Outcome("test_a", "passed"),
        Outcome("test_b", "failed", "AssertionError: too long"),
        Outcome("test_c", "not started", "x: task 1 not started — open y"),
        Outcome("test_d", "skipped", "no fork d"),
        Outcome("test_e", "error", "collection failure ImportError: z"),
        Outcome("test_f", "error", "at teardown"),
    ]


def test_the_interleaving_is_left_out() -> None:
    text = "raised&#10;&#10;interleaving&#10;  assert x, words&#10;  end&#10;&#10;likely cause&#10;  c"
    xml = f'<t><testcase name="test_a"><failure message="{text}">E</failure></testcase></t>'
    assert list(trials.outcomes_of(xml)) == [Outcome("test_a", "failed", "raised likely cause c")]


def test_an_interleaving_at_the_end_is_left_out() -> None:
    text = "raised&#10;&#10;interleaving&#10;  x&#10;  y"
    xml = f'<t><testcase name="test_a"><failure message="{text}">E</failure></testcase></t>'
    assert list(trials.outcomes_of(xml)) == [Outcome("test_a", "failed", "raised")]


def test_a_shortened_message_of_a_failure_without_lines() -> None:
    message = "Failed: it is whole&#10;[+3 more lines; full report in element text]"
    xml = f'<t><testcase name="test_a"><failure message="{message}">it is whole&#10;and long</failure></testcase></t>'
    assert list(trials.outcomes_of(xml)) == [Outcome("test_a", "failed", "it is whole and long")]


@pytest.mark.parametrize(
    "text",
    [
        "deadlock: all&#10;tasks&#10;  a, b&#10;cause",
        "x.py:1: in f&#10;  assert y, no&#10;E   deadlock: all&#10;E   tasks&#10;E   a, b&#10;E   cause",
    ],
)
def test_a_message_that_pytest_has_shortened(text: str) -> None:
    message = "deadlock: all&#10;[+3 more lines; full report in element text]"
    xml = f'<t><testcase name="test_a"><failure message="{message}">{text}</failure></testcase></t>'
    assert list(trials.outcomes_of(xml)) == [Outcome("test_a", "failed", "deadlock: all tasks a, b cause")]


def test_plan(library: Library) -> None:
    wrong = [Path("wrong", name) for name in ("cold.py", "dry.py", "one.py")]
    planned = trials.plan(library.read().kata("boil_water"), wrong)
    assert [(group, file.stem) for group, file in planned] == [
        ("stub", "boil_water"),
        ("reference", "boil_water"),
        ("approaches", "loop"),
        ("wrong", "cold"),
        ("wrong", "dry"),
        ("wrong", "one"),
    ]


@pytest.mark.soak
@pytest.mark.parametrize(
    ("group", "name", "states"),
    [
        ("stub", "katas/tea/boil_water/boil_water.py", ["not started"] * 3),
        ("reference", "reference/tea/boil_water/boil_water.py", ["passed"] * 3),
        (
            "wrong",
            "reference/tea/boil_water/wrong/one.py",
            ["passed", "failed", "failed"],
        ),
    ],
)
def test_a_trial(library: Library, group: str, name: str, states: list[str]) -> None:
    trial = trials.run(make_runnable(library).read().kata("boil_water"), group, library.root / name)
    assert not trial.trouble
    assert [outcome.state for outcome in trial.outcomes] == states
    assert (trial.group, trial.solution) == (group, Path(name).stem)
    assert trial.seconds > 0


def test_a_trial_of_one_test(library: Library) -> None:
    one = library.root / "reference/tea/boil_water/wrong/one.py"
    kata = make_runnable(library).read().kata("boil_water")
    trial = trials.run(kata, "wrong", one, only="test_all_of_it")
    assert [(each.test, each.state) for each in trial.outcomes] == [("test_all_of_it", "failed")] * 2


@pytest.mark.soak
def test_a_trial_that_hangs(library: Library) -> None:
    hangs = library.write("hangs.py", "import threading\nthreading.Event().wait()")
    trial = trials.run(make_runnable(library).read().kata("boil_water"), "wrong", hangs, seconds=0.2)
    assert (trial.trouble, trial.outcomes) == ("ran longer than 0.2 s", ())


@pytest.mark.soak
def test_a_trial_that_cannot_begin(library: Library) -> None:
    kata = make_runnable(library).read().kata("boil_water")
    gone, known = library.root / "gone.py", "a file or a mistake of boil_water, which '?' lists"
    trial = trials.run(kata, "wrong", gone)
    assert trial.trouble == f"ended with status 4: ERROR: --solution must be {known}, got '{gone}'"
    broken = library.write("broken.py", "import nothing_of_that_name")
    trial = trials.run(kata, "wrong", broken)
    assert trial.trouble.startswith("ended with status 2: ")
    assert [outcome.state for outcome in trial.outcomes] == ["error"]


@pytest.mark.parametrize("has_groups", [True, False])
def test_a_process_is_ended(
    monkeypatch: pytest.MonkeyPatch,
    has_groups: bool,  # noqa: FBT001 - a parameter
) -> None:
    if not has_groups:
        monkeypatch.delattr(os, "killpg", raising=False)
    command = [sys.executable, "-c", "input()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    trials._end(process)
    trials._end(process)
    assert process.returncode is not None
    assert process.stdin
    process.stdin.close()


def test_the_environment_of_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x")
    monkeypatch.setenv("COVERAGE_PROCESS_START", "x")
    found = trials._environment()
    assert "PYTEST_ADDOPTS" not in found
    assert "COVERAGE_PROCESS_START" not in found
    assert found["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
