"""What may be sent to a board."""

import json
from typing import Any

import pytest

from pytest_concurrency._dojo.board import protocol
from pytest_concurrency._dojo.states import State

REPORT: dict[str, Any] = {
    "pair": "p1",
    "key": "k",
    "run": "a1",
    "step": 0,
    "kata": "tea",
    "state": "red",
    "running": False,
    "tasks": {"1": "green", "2": "red"},
    "task": 2,
    "seconds": 1.5,
    "line": "cold",
    "failed": ["test_hot"],
    "ago": 3,
}


def read(**changes: Any) -> dict[str, Any]:
    return protocol.read(json.dumps({**REPORT, **changes}).encode(), protocol.REPORT)


def test_a_report_is_read() -> None:
    report = protocol.report_of(read())
    assert (report.state, report.tasks, report.failed) == (State.RED, {1: State.GREEN, 2: State.RED}, ("test_hot",))
    assert (report.seconds, report.ago) == (1.5, 3.0)
    assert protocol.report_of(read(ago=9e8)).ago == protocol.MOST_AGO


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"code": "x"}, "a field must be one of pair, key, run, step, kata, state, running, tasks, task, "),
        ({"state": "blue"}, "state must be one of not begun, begun, red, amber, green, hung, got 'blue'"),
        ({"state": ["red"]}, "state must be one of not begun, begun, red, amber, green, hung, got ['red']"),
        ({"line": "x" * 501}, "line must be one line of 0 to 500 characters, got 'xxx"),
        ({"line": "a\nb"}, r"line must be one line of 0 to 500 characters, got 'a\nb'"),
        ({"step": True}, "step must be a whole number from 0 to 1000000, got True"),
        ({"step": -1}, "step must be a whole number from 0 to 1000000, got -1"),
        ({"running": 1}, "running must be true or false, got 1"),
        ({"tasks": {"1": "blue"}}, "tasks must map at most 50 numbers of tasks to states, got {'1': 'blue'}"),
        ({"tasks": {str(n): "red" for n in range(51)}}, "tasks must map at most 50 numbers"),
        ({"seconds": float("nan")}, "seconds must be a number of seconds, got nan"),
        ({"ago": -1}, "ago must be a number of seconds, got -1"),
        ({"failed": ["x"] * 51}, "failed must be at most 50 names of tests, got ['x', "),
        ({"pair": ""}, "pair must be one line of 1 to 40 characters, got ''"),
        ({"kata": "\x1b[31m"}, r"kata must be one line of 1 to 80 characters, got '\x1b[31m'"),
    ],
)
def test_a_wrong_field_is_refused_in_one_line(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        read(**changes)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "a message must be JSON, got b''"),
        (b"\xff", r"a message must be JSON, got b'\xff'"),
        (b"[" * 10_000, "a message must be JSON, got b'[[["),
        (b"[]", "a message must be a JSON object, got []"),
        (b"{}", "pair must be one line of 1 to 40 characters, got nothing"),
        (b" " * 20_000, "a message must have at most 16384 bytes, got 20000"),
    ],
)
def test_what_is_no_message_is_refused_in_one_line(body: bytes, line: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        protocol.read(body, protocol.REPORT)
    assert str(caught.value).startswith(line)


def test_a_field_may_have_a_default() -> None:
    found = protocol.read(b'{"name": "ann"}', protocol.JOIN)
    assert found == {"name": "ann", "people": [], "pair": "", "key": ""}


def test_a_line_is_made_fit() -> None:
    assert protocol.one_line("a\tb\n  c\x00d") == "a b c d"
    assert protocol.one_line("x" * 600) == "x" * 499 + "…"
