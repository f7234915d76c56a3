"""What pytest's reports become."""

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_concurrency._dojo import feed


def config(*args: str, **options: Any) -> SimpleNamespace:
    usual = {"keyword": "", "markexpr": "", "lf": False, "failedfirst": False, "maxfail": 0}
    return SimpleNamespace(args=args, option=SimpleNamespace(**{**usual, **options}))


@pytest.mark.parametrize(
    ("args", "options"),
    [
        (("katas/tea/test_tea.py::test_hot",), {}),
        (("katas",), {"keyword": "hot"}),
        (("katas",), {"markexpr": "not slow"}),
        (("katas",), {"lf": True}),
        (("katas",), {"maxfail": 1}),
    ],
)
def test_chosen_tests_are_no_whole_kata(args: tuple[str, ...], options: dict[str, Any]) -> None:
    assert feed.is_whole(config("katas"))
    assert not feed.is_whole(config(*args, **options))


def report(**values: Any) -> SimpleNamespace:
    usual = {
        "passed": False,
        "skipped": False,
        "when": "call",
        "user_properties": [],
        "longreprtext": "",
        "longrepr": "",
    }
    return SimpleNamespace(**{**usual, **values})


def crash(message: str) -> SimpleNamespace:
    return SimpleNamespace(reprcrash=SimpleNamespace(message=message))


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (report(passed=True), ("passed", "")),
        (report(skipped=True), ("skipped", "")),
        (report(longreprtext="E   x", longrepr=crash("AssertionError: x")), ("failed", "AssertionError: x")),
        (report(longreprtext="no water\n\nE   x", longrepr="no water"), ("failed", "no water\n\nE   x")),
        (report(longreprtext="E   x", longrepr=crash("DeadlockFound: x")), ("hung", "DeadlockFound: x")),
        (report(when="setup", longreprtext="fixture", longrepr="fixture"), ("error", "fixture")),
        (report(longreprtext="open x", user_properties=[("kata not started", "x")]), ("not started", "open x")),
    ],
)
def test_a_report_has_an_outcome_and_a_message(found: SimpleNamespace, outcome: tuple[str, str]) -> None:
    assert feed.outcome_of(found) == outcome


def test_the_error_of_a_traceback_is_in_its_last_marked_line() -> None:
    assert feed.last_error("tea.py:1: in <module>\nE     File\nE   SyntaxError: x\n") == "SyntaxError: x"
    assert feed.last_error("something else") == "something else"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            'tea.py:1: in <module>\n    import x\nE     File "/x/kettle.py", line 3\nE       (\nE   SyntaxError: x\n',
            "kettle.py:3",
        ),
        (
            "a/test_tea.py:4: in <module>\n    from tea import boil\na/tea.py:7: in <module>\n    x\nE   NameError: x",
            "tea.py:7",
        ),
        ("something else", ""),
    ],
)
def test_the_place_of_an_error_is_the_last_that_a_traceback_names(text: str, place: str) -> None:
    assert feed.last_place(text) == (f" ({place})" if place else "")
