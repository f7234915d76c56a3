"""What is a hole in the matrix, and what it is called."""

import pytest

from pytest_concurrency._katas.holes import judge, short
from pytest_concurrency._katas.mistakes import Mistake
from pytest_concurrency._katas.trials import Outcome, Trial

WANTED = Mistake("cold", "Heats nothing.", "no heat", "test_hot", ("the water  is\ncold", "switch it on"))
COLD = "AssertionError: the water is cold: switch it on"


def hole(group: str, *outcomes: Outcome, kind: str = "write", trouble: str = "") -> str:
    return judge(kind, Trial(group, "cold", outcomes, trouble), WANTED if group == "wrong" else None)


PASSED = Outcome("test_a", "passed")
SKIPPED = Outcome("test_b", "skipped", "no fork here")
FAILED = Outcome("test_a", "failed", "AssertionError: no")
BROKEN = Outcome("test_a", "failed", "ImportError: no module")
ERROR = Outcome("test_a", "error", "fixture 'race' not found")
UNWRITTEN = Outcome("test_a", "not started", "boil_water: task 1 not started — open …")
KILLED = Outcome("test_hot", "failed", COLD)


@pytest.mark.parametrize(
    ("group", "kind", "outcomes"),
    [
        ("reference", "write", [PASSED]),
        ("approaches", "write", [PASSED, SKIPPED]),
        ("stub", "write", [UNWRITTEN, UNWRITTEN]),
        ("stub", "break", [UNWRITTEN]),
        ("stub", "fix", [PASSED, FAILED]),
        ("wrong", "write", [PASSED, KILLED]),
        ("wrong", "write", [FAILED, Outcome("test_hot", "failed", "other case"), KILLED]),
        ("wrong", "write", [Outcome("test_hot", "passed"), KILLED]),
    ],
)
def test_no_hole(group: str, kind: str, outcomes: list[Outcome]) -> None:
    assert hole(group, *outcomes, kind=kind) == ""


@pytest.mark.parametrize(
    ("group", "kind", "outcomes", "message"),
    [
        ("reference", "write", [], "must run at least one test, got none"),
        ("reference", "write", [FAILED], "test_a must pass, got failed: AssertionError: no"),
        ("approaches", "write", [UNWRITTEN], "test_a must pass, got not started: boil_water: *"),
        (
            "reference",
            "write",
            [SKIPPED],
            "must pass at least one test, got all skipped: no fork here",
        ),
        (
            "reference",
            "write",
            [ERROR],
            "test_a must be able to run, got: fixture 'race' not found",
        ),
        ("stub", "write", [ERROR], "test_a must be able to run, got: fixture 'race' not found"),
        ("stub", "write", [UNWRITTEN, PASSED], "test_a must meet NotImplementedError, got passed"),
        (
            "stub",
            "write",
            [FAILED],
            "test_a must meet NotImplementedError, got failed: AssertionError: no",
        ),
        ("stub", "fix", [PASSED], "must fail a test before the repair, got none"),
        (
            "stub",
            "fix",
            [BROKEN],
            "test_a must fail for another reason, got: ImportError: no module",
        ),
        ("wrong", "write", [PASSED], "test_hot must fail, got no such test; failed: none"),
        (
            "wrong",
            "write",
            [FAILED, Outcome("test_hot", "passed")],
            "test_hot must fail, got passed; failed: test_a",
        ),
        (
            "wrong",
            "write",
            [Outcome("test_hot", "failed", "AssertionError: the water is cold")],
            "test_hot must say ['the water is cold', 'switch it on'], got: AssertionError: *",
        ),
        ("wrong", "write", [KILLED, BROKEN], "test_a must fail for another reason, got: *"),
        ("wrong", "write", [ERROR, KILLED], "test_a must be able to run, got: *"),
    ],
)
def test_a_hole(group: str, kind: str, outcomes: list[Outcome], message: str) -> None:
    found = hole(group, *outcomes, kind=kind)
    assert found == message or (message.endswith("*") and found.startswith(message[:-1]))


def test_trouble_comes_first() -> None:
    assert hole("wrong", KILLED, trouble="ran longer than 60 s") == "ran longer than 60 s"


def test_long_messages_are_cut() -> None:
    assert short("abc", 3) == "abc"
    assert short("abcd", 3) == "ab…"
